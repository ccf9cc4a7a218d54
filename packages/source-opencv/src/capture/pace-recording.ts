import type { EpochMs } from '@snapmint/core/adapter'
import { isPosition } from '../time/date-frames.js'

/** A recording that is so far behind its time goes on from now. */
const maxLagMs = 5000
const fallbackSpacingMs = 40

/** Dates a recording's pictures: when the first one was played, plus each one's own place: ahead of the clock until it is due. `onLag` is told when the machine was too slow for it. */
export function createRecordingDater(
  now: () => EpochMs,
  frameRate: number,
  onLag: (lagMs: number) => void,
): (positionMs: number) => EpochMs {
  const spacingMs = frameRate > 0 ? 1000 / frameRate : fallbackSpacingMs
  let start: EpochMs | undefined
  let last = Number.NEGATIVE_INFINITY
  return (positionMs) => {
    // A file without times of its own is taken to be regular.
    const place = isPosition(positionMs) && positionMs > last ? positionMs : Math.max(0, last + spacingMs)
    last = place
    start ??= now() - place
    const lagMs = now() - (start + place)
    if (lagMs > maxLagMs) {
      start += lagMs
      onLag(lagMs)
    }
    return start + place
  }
}
