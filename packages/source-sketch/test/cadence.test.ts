import { describe, expect, it } from 'vitest'
import { cadence, sleep } from '../src/cadence.js'
import { fakeClock } from './fixtures/fake-clock.js'

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('cadence', () => {
  it('is due at start + n intervals however long the work takes, without drift', async () => {
    const clock = fakeClock(1000)
    const controller = new AbortController()
    const late: number[] = []
    for await (const slot of cadence({ intervalMs: 1000 / 29.97, signal: controller.signal, ...clock })) {
      late.push(clock.time - (1000 + (slot * 1000) / 29.97))
      expect(slot).toBe(late.length - 1)
      // Work of an uneven length, well within the interval.
      clock.time += (slot * 7) % 23
      if (slot === 3000) controller.abort()
    }
    expect(late).toHaveLength(3001)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    // A timer counts whole milliseconds: the lateness of one slot, not the sum of 3000.
    expect(Math.max(...late)).toBeLessThan(1.01)
  })

  it('leaves out the slots it missed instead of bursting', async () => {
    const clock = fakeClock(0)
    const controller = new AbortController()
    const slots: [number, number][] = []
    for await (const slot of cadence({ intervalMs: 100, signal: controller.signal, ...clock })) {
      slots.push([slot, clock.time])
      if (slots.length === 2) clock.time += 450
      if (slots.length === 5) controller.abort()
    }
    // Late by a half: slot 5 is taken at once at 550; the ones after are on time again.
    expect(slots).toEqual([
      [0, 0],
      [1, 100],
      [5, 550],
      [6, 600],
      [7, 700],
    ])
  })

  it('lets other work in even when it is always late', async () => {
    const clock = fakeClock(0)
    const controller = new AbortController()
    setImmediate(() => setImmediate(() => controller.abort()))
    let count = 0
    for await (const _ of cadence({ intervalMs: 10, signal: controller.signal, ...clock })) {
      clock.time += 1000
      if (++count > 1000) throw new Error('the abort never came through')
    }
    expect(count).toBeLessThan(1000)
    expect(clock.sleeps).toEqual([])
  })

  it('waits again when a timer fires early', async () => {
    const clock = fakeClock(0)
    const controller = new AbortController()
    const slots: number[] = []
    const early = async (milliseconds: number): Promise<void> => {
      clock.time += Math.min(milliseconds, 30)
    }
    for await (const slot of cadence({ intervalMs: 100, signal: controller.signal, now: clock.now, sleep: early })) {
      slots.push(clock.time)
      if (slot === 2) controller.abort()
    }
    expect(slots).toEqual([0, 100, 200])
  })

  it('ends at once and leaves no timer when it is aborted between two frames far apart', async () => {
    const before = timers()
    const controller = new AbortController()
    const run = cadence({ intervalMs: 3_600_000, signal: controller.signal, now: Date.now, sleep })
    await run.next()
    const next = run.next()
    await new Promise((resolve) => setImmediate(resolve))
    expect(timers()).toBe(before + 1)
    controller.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(timers()).toBe(before)
  })
})

describe('sleep', () => {
  it('resolves when the time is over and takes its listener off the signal', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const counted = {
      aborted: false,
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    } as unknown as AbortSignal
    await sleep(1, counted)
    expect(listeners).toBe(0)
    await sleep(1, signal)
  })

  it('does not start a timer for a signal that is aborted already', async () => {
    const before = timers()
    const sleeping = sleep(60_000, AbortSignal.abort())
    expect(timers()).toBe(before)
    await sleeping
  })
})
