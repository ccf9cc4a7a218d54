import { setTimeout as delay } from 'node:timers/promises'

/**
 * Yields when the next picture is due: the nth at start + n × interval, whatever those before took, so that lateness does not add up. What was missed is left out
 * rather than made up for in a burst. Ends when the signal aborts.
 */
export async function* cadence(
  intervalMs: number,
  now: () => number,
  signal: AbortSignal,
): AsyncGenerator<void, void, undefined> {
  const start = now()
  for (let due = 0; !signal.aborted; due = Math.max(due + 1, Math.ceil((now() - start) / intervalMs))) {
    for (let waitMs = start + due * intervalMs - now(); waitMs > 0 && !signal.aborted; waitMs = start + due * intervalMs - now())
      await delay(Math.ceil(waitMs), undefined, { signal }).catch(() => {})
    if (!signal.aborted) yield
  }
}
