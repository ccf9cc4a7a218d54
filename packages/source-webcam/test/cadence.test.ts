import { describe, expect, it } from 'vitest'
import { cadence } from '../src/cadence.js'

/** A clock that goes on by what is waited, and by what the test adds. */
function fakeClock() {
  const clock = {
    time: 5000,
    now: () => clock.time,
    wait(milliseconds: number): Promise<void> {
      clock.time += milliseconds
      return Promise.resolve()
    },
  }
  return clock
}

describe('cadence', () => {
  it('counts from start to start: a shot of an uneven length moves no later one', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const starts: number[] = []
    for await (const slot of cadence({ intervalMs: 1000 / 3, signal: controller.signal, ...clock })) {
      starts.push(clock.time)
      expect(slot).toBe(starts.length - 1)
      clock.time += (slot * 37) % 300
      if (slot === 3000) controller.abort()
    }
    const late = starts.map((start, slot) => start - (5000 + (slot * 1000) / 3))
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThanOrEqual(1)
  })

  it('leaves out the slots that pass during a shot, and takes none in a burst', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const taken: [number, number][] = []
    for await (const slot of cadence({ intervalMs: 1000, signal: controller.signal, ...clock })) {
      taken.push([slot, clock.time - 5000])
      clock.time += slot === 1 ? 4500 : 100
      if (taken.length === 5) controller.abort()
    }
    expect(taken).toEqual([
      [0, 0],
      [1, 1000],
      [5, 5500],
      [6, 6000],
      [7, 7000],
    ])
  })

  it('ends at once when aborted in the middle of a long wait, and leaves no timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const controller = new AbortController()
    const slots = cadence({ intervalMs: 2 ** 31 - 1, now: Date.now, signal: controller.signal })
    expect(await slots.next()).toEqual({ done: false, value: 0 })
    const next = slots.next()
    controller.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(timers()).toBe(before)
  })
})
