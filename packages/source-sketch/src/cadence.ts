import { setImmediate as nextTurn } from 'node:timers/promises'

/** Waits for about so many milliseconds; returns early, without throwing, when `signal` aborts. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>

/** The longest wait that timers can do. */
const longestTimerMs = 2 ** 31 - 1

export const sleep: Sleep = (milliseconds, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(milliseconds, longestTimerMs))
    signal.addEventListener('abort', done)
  })

export interface CadenceOptions {
  readonly intervalMs: number
  readonly now: () => number
  readonly signal: AbortSignal
  readonly sleep: Sleep
}

/**
 * Yields the number of the slot that is due, from 0, until `signal` aborts. Slot n is due at start + n × interval, whatever the slots before took:
 * lateness does not add up. Slots that passed meanwhile are left out rather than made up for in a burst.
 */
export async function* cadence({ intervalMs, now, signal, sleep }: CadenceOptions): AsyncGenerator<number, void, undefined> {
  const start = now()
  let next = 0
  while (!signal.aborted) {
    let remaining = start + next * intervalMs - now()
    // A source that is always late would otherwise never let the message in that aborts it.
    if (remaining <= 0) await nextTurn()
    while (remaining > 0 && !signal.aborted) {
      await sleep(Math.max(1, Math.ceil(remaining)), signal)
      remaining = start + next * intervalMs - now()
    }
    if (signal.aborted) return
    const slot = Math.max(next, Math.floor((now() - start) / intervalMs))
    yield slot
    next = slot + 1
  }
}
