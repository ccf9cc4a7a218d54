import { describe, expect, it } from 'vitest'
import { createDating } from '../../src/ffmpeg/date-pictures.js'

/** A wall clock that ticks in whole ms beside a pipeline's clock that is `ahead` of it. */
function clocks(ahead: number) {
  const state = { time: 1_700_000_000_000.25, ahead }
  return {
    state,
    // Each reading takes a microsecond.
    now: () => {
      state.time += 0.001
      return state.time + state.ahead
    },
    wallNow: () => {
      state.time += 0.001
      return Math.floor(state.time)
    },
  }
}

describe('createDating', () => {
  it.each([0, 3_600_000, -0.7])(
    'moves stamps onto the pipeline’s clock, which is %d ms ahead, to a hundredth of a ms',
    (ahead) => {
      const { state, now, wallNow } = clocks(ahead)
      const date = createDating({ now, wallNow })
      for (let frame = 0; frame < 50; frame += 1) {
        state.time += 33.37
        const stamp = state.time - 8
        expect(Math.abs(date(stamp)! - (stamp + ahead))).toBeLessThan(0.02)
      }
    },
  )

  it('gives no date to a picture that slept with the machine, and dates the next one', () => {
    const { state, now, wallNow } = clocks(0)
    const date = createDating({ now, wallNow })
    expect(date(state.time - 5)).toBeDefined()
    const beforeSleep = state.time
    state.time += 30_000
    // Late, but nobody set a clock: it is that old.
    expect(date(beforeSleep)! - beforeSleep).toBeCloseTo(0, 0)
    state.time += 3_600_000
    expect(date(beforeSleep + 1)).toBeUndefined()
    state.time += 100
    expect(state.time - date(state.time - 5)!).toBeCloseTo(5, 0)
  })

  it('follows a wall clock that is set, leaves out what was stamped before, and keeps times rising and out of the future', () => {
    const { state, now, wallNow } = clocks(0)
    const date = createDating({ now, wallNow })
    const times: number[] = []
    for (let frame = 0; frame < 30; frame += 1) {
      state.time += 20
      if (frame === 10) {
        // Set forward by an hour; the pipeline's clock goes on.
        state.time += 3_600_000
        state.ahead -= 3_600_000
      }
      if (frame === 20) {
        state.time -= 7_200_000
        state.ahead += 7_200_000
      }
      const stampedBefore = frame === 10 ? -3_600_000 : frame === 20 ? 7_200_000 : 0
      const time = date(state.time - 5 + stampedBefore)
      expect(time === undefined).toBe(stampedBefore !== 0)
      if (time === undefined) continue
      times.push(time)
      expect(times.at(-1)!).toBeLessThanOrEqual(now() + 0.01)
      expect(now() - times.at(-1)!).toBeLessThan(6)
    }
    expect([...times].sort((a, b) => a - b)).toEqual(times)
    expect(new Set(times).size).toBe(28)
  })

  it('keeps equal stamps apart, and ends with a wall clock that stands still', () => {
    const date = createDating({ now: () => 1000, wallNow: () => 1000 })
    expect(date(990)).toBe(990)
    expect(date(990)).toBeCloseTo(990.01, 6)
  })
})
