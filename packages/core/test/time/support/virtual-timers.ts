import type { Timers } from '../../../src/time/timers.js'

export interface VirtualTimers extends Timers {
  /** Lets `ms` pass: calls what falls due, in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>
  /** Lets `ms` pass without anything being called: a blocked thread. What fell due is late. */
  block(ms: number): void
  /** How many timers are waiting. */
  readonly pending: number
}

interface Entry {
  due: number
  readonly intervalMs?: number
  readonly callback: () => void
}

/** Time that passes only when a test says so. */
export function createVirtualTimers(): VirtualTimers {
  let time = 1000
  const entries = new Set<Entry>()
  const add = (entry: Entry) => {
    entries.add(entry)
    return () => void entries.delete(entry)
  }
  const earliest = () => [...entries].sort((a, b) => a.due - b.due)[0]
  // A few turns of the real event loop: promises and setImmediate of the code under test.
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }
  return {
    now: () => time,
    after: (delayMs, callback) => add({ due: time + delayMs, callback }),
    every: (intervalMs, callback) => add({ due: time + intervalMs, intervalMs, callback }),
    async advance(ms) {
      const end = time + ms
      await settle()
      for (let next = earliest(); next !== undefined && next.due <= end; next = earliest()) {
        time = Math.max(time, next.due)
        if (next.intervalMs === undefined) entries.delete(next)
        else next.due = time + next.intervalMs
        next.callback()
        await settle()
      }
      time = Math.max(time, end)
    },
    block(ms) {
      time += ms
    },
    get pending() {
      return entries.size
    },
  }
}
