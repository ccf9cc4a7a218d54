import { describe, expect, it } from 'vitest'
import { createBacklog } from '../../src/time/backlog.js'
import { createDueFrames } from '../../src/time/due-frames.js'

/** Which of the pictures of a camera are taken; `jitter` is added to every other one. */
function taken(intervalMs: number | undefined, spacingMs: number, count: number, jitter = 0): number[] {
  const isDue = createDueFrames(intervalMs)
  return Array.from({ length: count }, (_, index) => index).filter((index) =>
    isDue(1_763_690_400_000 + index * spacingMs + (index % 2) * jitter),
  )
}

describe('createDueFrames', () => {
  it('takes every frame when nothing is wanted', () => {
    expect(taken(undefined, 33, 4)).toEqual([0, 1, 2, 3])
  })

  it('takes every frame of a camera at the wanted rate, whatever its jitter', () => {
    expect(taken(1000 / 30, 1000 / 30, 20, 8)).toHaveLength(20)
    expect(taken(1000 / 30, 1000 / 30, 20, -8)).toHaveLength(20)
  })

  it('keeps the wanted rate in the long run, also where it does not divide the camera', () => {
    expect(taken(1000 / 12, 1000 / 30, 300)).toHaveLength(120)
    expect(taken(1000, 1000 / 30, 300)).toHaveLength(10)
  })

  it('does not catch up on what it missed in a pause', () => {
    const isDue = createDueFrames(100)
    expect([0, 100, 5000, 5010, 5060, 5100].map((time) => isDue(time))).toEqual([true, true, true, false, false, true])
  })
})

describe('createBacklog', () => {
  const old = { wallMs: 9, cpuMs: 9 }
  const awaited = { wallMs: 33, cpuMs: 3 }

  it('takes a picture for new when it was waited for, twice in a row', () => {
    const isNew = createBacklog(2000)
    expect([old, old, awaited, old, awaited, awaited, old].map(isNew)).toEqual([false, false, false, false, false, true, true])
  })

  it('gives up on a device that is never waited for', () => {
    const isNew = createBacklog(20)
    expect([old, old, old, old].map(isNew)).toEqual([false, false, true, true])
  })
})
