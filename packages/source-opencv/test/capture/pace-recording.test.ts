import { describe, expect, it } from 'vitest'
import { createRecordingDater } from '../../src/capture/pace-recording.js'

const EPOCH = 1_763_690_400_000

function setUp(frameRate = 25) {
  const state = { ms: 0 }
  const lags: number[] = []
  const date = createRecordingDater(
    () => EPOCH + state.ms,
    frameRate,
    (lagMs) => lags.push(lagMs),
  )
  return { state, lags, date: (positionMs: number) => date(positionMs) - EPOCH }
}

describe('createRecordingDater', () => {
  it('dates each frame by its place, whenever it is read', () => {
    const { state, date } = setUp()
    state.ms = 700
    expect([0, 40, 80].map(date)).toEqual([700, 740, 780])
    state.ms = 3000
    expect(date(120)).toBe(820)
  })

  it('takes a file without times of its own to be regular', () => {
    expect([-1, -1, -1].map(setUp(10).date)).toEqual([0, 100, 200])
    expect([-1, -1, -1].map(setUp(0).date)).toEqual([0, 40, 80])
  })

  it('goes on from now when the machine is five seconds behind, and tells it once', () => {
    const { state, lags, date } = setUp()
    date(0)
    state.ms = 5040
    expect(date(40)).toBe(40)
    expect(lags).toEqual([])
    state.ms = 6000
    expect([80, 120].map(date)).toEqual([6000, 6040])
    expect(lags).toEqual([5920])
  })
})
