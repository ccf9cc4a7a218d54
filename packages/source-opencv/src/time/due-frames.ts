import type { EpochMs } from '@snapmint/core/adapter'

/** Weight of the newest spacing in the average. */
const smoothing = 0.2

/**
 * Chooses the frames that are due: of those that come, the ones nearest to a raster of `intervalMs`. A frame that is early by less than half of the device's own spacing is taken, so that
 * a camera at the wanted rate loses none to its jitter.
 */
export function createDueFrames(intervalMs: number | undefined): (captureTime: EpochMs) => boolean {
  let due = Number.NEGATIVE_INFINITY
  let previous: EpochMs | undefined
  let spacingMs = 0
  return (captureTime) => {
    if (intervalMs === undefined) return true
    if (previous !== undefined) {
      const newest = Math.min(captureTime - previous, intervalMs)
      spacingMs = spacingMs === 0 ? newest : spacingMs + smoothing * (newest - spacingMs)
    }
    previous = captureTime
    if (captureTime < due - spacingMs / 2) return false
    // After a pause the raster begins anew, so that what was missed is not caught up on.
    due = captureTime > due + intervalMs ? captureTime + intervalMs : due + intervalMs
    return true
  }
}
