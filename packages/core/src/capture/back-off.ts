import type { SnapmintError } from '../errors/snapmint-error.js'
import { maxDelayMs } from '../time/timers.js'

/** A run that delivered frames for so many ms clears the count of failures. */
export const soundRunMs = 10_000

export interface BackOffOptions {
  /** Failures in a row before this one. */
  readonly failures: number
  readonly initialMs: number
  readonly maxMs: number
  /** From 0 to 1. */
  readonly random: () => number
  /** The failure; its `retryAfterMs` is the least delay. */
  readonly error?: SnapmintError | undefined
}

/** Ms until the next run: exponential with full jitter, so that many hosts that lost one camera server do not come back all at once. */
export function backOffMs({ failures, initialMs, maxMs, random, error }: BackOffOptions): number {
  const limit = Math.min(maxMs, initialMs * 2 ** Math.min(failures, 30))
  const advised = Number(error?.retryAfterMs)
  return Math.round(Math.min(Math.max(random() * limit, Number.isNaN(advised) ? 0 : advised), maxDelayMs))
}
