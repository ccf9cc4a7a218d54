import type { EpochMs } from '@snapmint/core/adapter'

/** So much of an interval early, a picture is on time. */
const grace = 0.25

/**
 * Tells which pictures to keep so that there are at most `frameRate` a second: those that are due. The next one is due a whole interval after the last was, not after it came, so
 * that the rate is met on average.
 */
export function createThinning(frameRate: number | undefined): (captureTime: EpochMs) => boolean {
  if (frameRate === undefined) return () => true
  const intervalMs = 1000 / frameRate
  let due = Number.NEGATIVE_INFINITY
  return (captureTime) => {
    if (captureTime < due - grace * intervalMs && captureTime > due - 2 * intervalMs) return false
    due = (Math.abs(captureTime - due) > intervalMs ? captureTime : due) + intervalMs
    return true
  }
}
