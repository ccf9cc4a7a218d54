import { LookupError } from '../errors/lookup-error.js'
import type { LookupOptions } from '../history/frame-info.js'
import type { EpochMs } from '../spec/frame.js'

/**
 * Checks that a picture answers a request still, where its decoder had to take an earlier one than the history named.
 *
 * @throws LookupError `SNAPMINT_FRAME_OUT_OF_TOLERANCE`
 */
export function checkAnswer(
  source: string,
  targetTime: EpochMs,
  { match, toleranceMs = Number.POSITIVE_INFINITY }: LookupOptions,
  captureTime: EpochMs,
): void {
  const away = Math.abs(captureTime - targetTime)
  const why =
    away > toleranceMs
      ? `is ${away} ms away; the tolerance is ${toleranceMs} ms`
      : match === 'after' && captureTime < targetTime
        ? 'lies before it'
        : undefined
  if (why === undefined) return
  const message = `The picture of source "${source}" for ${targetTime} is damaged; the last sound one before it, of ${captureTime}, ${why}`
  throw new LookupError('SNAPMINT_FRAME_OUT_OF_TOLERANCE', message, { targetTime, nearestCaptureTime: captureTime })
}
