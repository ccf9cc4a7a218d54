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
  const none = Number.NaN
  const old = { wallMs: 9, cpuMs: 9, positionMs: none }
  const awaited = { wallMs: 33, cpuMs: 3, positionMs: none }

  it('takes a picture for new when it and those before it were waited for', () => {
    const isNew = createBacklog(2000)
    const costs = [old, awaited, awaited, old, ...Array.from({ length: 6 }, () => awaited), old]
    expect(costs.map(isNew)).toEqual([...Array.from({ length: 9 }, () => false), true, true])
  })

  it('believes in long waits sooner', () => {
    const isNew = createBacklog(2000)
    const long = { wallMs: 200, cpuMs: 20, positionMs: none }
    expect([old, long, long].map(isNew)).toEqual([false, false, true])
  })

  it('takes a picture for new when the time line of the stream runs no faster than the clock, however busy the machine', () => {
    const isNew = createBacklog(2000)
    const read = (wallMs: number, index: number) => ({ wallMs, cpuMs: 1, positionMs: 1000 + index * 40 })
    // Ten from the server's memory, slowly, then new ones.
    const walls = [...Array.from({ length: 10 }, () => 25), ...Array.from({ length: 4 }, () => 40)]
    const news = walls.map((wallMs, index) => isNew(read(wallMs, index)))
    expect(news.slice(0, 11)).not.toContain(true)
    expect(news.at(-1)).toBe(true)
  })

  it('gives up on a device that is never waited for', () => {
    const isNew = createBacklog(20)
    expect([old, old, old, old].map(isNew)).toEqual([false, false, true, true])
  })
})
