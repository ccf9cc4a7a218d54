import { timerDelay } from './delay.js'

export interface BackoffOptions {
  /** Ceiling of the first delay, in ms. */
  readonly initialMs: number
  /** Ceiling of every delay, in ms. */
  readonly maxMs: number
}

/**
 * Delay before attempt `attempt + 1`, in ms: exponential with jitter, but at least half the ceiling, so that a restart is never immediate
 * (Amazon Builders' Library, "Timeouts, retries, and backoff with jitter").
 *
 * @param attempt failed attempts so far, from 1.
 * @param retryAfterMs the service's own advice; never undercut. It comes from an adapter and may be anything.
 */
export function backoffMs(
  attempt: number,
  { initialMs, maxMs }: BackoffOptions,
  random: () => number,
  retryAfterMs: number | undefined = 0,
): number {
  const ceiling = Math.min(maxMs, initialMs * 2 ** Math.min(attempt - 1, 30))
  return timerDelay(Math.max(timerDelay(retryAfterMs), ceiling * (0.5 + random() / 2)))
}
