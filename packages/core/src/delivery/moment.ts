import { LookupError } from '../errors/lookup-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { EpochMs } from '../spec/frame.js'
import type { SourceAccess } from './source-access.js'

export interface MomentOptions {
  readonly waitMs: number
  readonly now: () => EpochMs
}

/** How often a waiting job looks whether its source can still deliver. */
const SLICE_MS = 1_000

/** Whether the moment is captured: a frame at or after it exists, so that the closest one is known. */
export function isCaptured(source: SourceAccess, targetTime: EpochMs): boolean {
  return targetTime <= (source.reader.newest()?.captureTime ?? Number.NEGATIVE_INFINITY)
}

/**
 * Waits until the moment is captured.
 *
 * @throws `SNAPMINT_JOB_NOT_DUE` when it lies more than `waitMs` ahead; LookupError `SNAPMINT_FRAME_NOT_YET` when no frame came within `waitMs` after
 *   it, not retryable when none will come any more; the signal's reason.
 */
export async function untilCaptured(
  source: SourceAccess,
  targetTime: EpochMs,
  { waitMs, now }: MomentOptions,
  signal: AbortSignal,
): Promise<void> {
  const ahead = targetTime - now()
  if (ahead > waitMs) throw notDue(targetTime, ahead - Math.min(waitMs / 2, 5_000))
  const deadline = performance.now() + Math.max(ahead, 0) + waitMs
  for (;;) {
    if (source.exhausted()) throw notYet(source, targetTime, 'and its source gives no more', false)
    const timeoutMs = Math.min(SLICE_MS, deadline - performance.now())
    if (timeoutMs <= 0) throw notYet(source, targetTime, `within ${waitMs} ms after it`, true)
    if (await source.waiter.waitFor(targetTime, { timeoutMs, signal })) return
  }
}

/** The job is not worked yet; core hands it back until shortly before its moment. */
export function notDue(targetTime: EpochMs, retryAfterMs: number): SnapmintError {
  const message = `The moment ${targetTime} is not due yet; the job is handed back until shortly before it`
  return new SnapmintError('SNAPMINT_JOB_NOT_DUE', message, {
    retryable: true,
    retryAfterMs: Math.max(0, Math.ceil(retryAfterMs)),
  })
}

function notYet(source: SourceAccess, targetTime: EpochMs, why: string, retryable: boolean): LookupError {
  const nearestCaptureTime = source.reader.newest()?.captureTime
  const newest = nearestCaptureTime === undefined ? 'there is none at all' : `the newest is of ${nearestCaptureTime}`
  const message = `No frame of source "${source.name}" was captured at or after ${targetTime}, ${why}; ${newest}`
  return new LookupError('SNAPMINT_FRAME_NOT_YET', message, { targetTime, nearestCaptureTime, retryable })
}
