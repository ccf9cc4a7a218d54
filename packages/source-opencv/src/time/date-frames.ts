import type { EpochMs } from '@snapmint/core/adapter'
import { createRisingTimes } from './rising-times.js'

/** Dates a live device's pictures. Call it for each one, right after it was read. */
export type FrameDater = (positionMs: number) => EpochMs

export interface Clocks {
  /** The pipeline's clock. */
  readonly now: () => EpochMs
  /** The system's monotonic clock, in ms: Linux stamps a camera's buffers with it. */
  readonly monotonicMs: () => number
}

/** A stamp this old or this far ahead is not on the system's clock. Drivers that stamp at the start of a transfer are ahead by up to a frame. */
const oldestStampMs = 10_000
const aheadStampMs = 200

/**
 * For cameras. V4L2 gives the driver's own stamp on the monotonic clock: the exposure's end, however late the picture is read. Other drivers give
 * nothing of use: then it is the moment at which the picture was read.
 */
export function createCameraDater({ now, monotonicMs }: Clocks): FrameDater {
  const rise = createRisingTimes(now)
  return (positionMs) => {
    const ageMs = monotonicMs() - positionMs
    const stamped = ageMs > -aheadStampMs && ageMs < oldestStampMs
    return rise(now() - (stamped ? Math.max(0, ageMs) : 0))
  }
}

/** How far a camera's clock may run slow against this one's: 500 ppm. */
const driftPerMs = 0.0005
/** A time line that disagrees with the clock by more than this has begun anew. */
const jumpMs = 2000

/**
 * For streams. Where they carry a time line it gives the spacing, and the least delayed picture says where it lies on the clock; else, as with JPEG over HTTP, it is the moment
 * at which the picture was read.
 */
export function createStreamDater({ now }: Pick<Clocks, 'now'>): FrameDater {
  const rise = createRisingTimes(now)
  let last: { positionMs: number; anchor: EpochMs; at: EpochMs } | undefined
  return (positionMs) => {
    const at = now()
    if (!isPosition(positionMs)) {
      last = undefined
      return rise(at)
    }
    let anchor = at - positionMs
    if (last !== undefined && positionMs > last.positionMs) {
      const expected = last.anchor + driftPerMs * (at - last.at)
      if (Math.abs(anchor - expected) < jumpMs) anchor = Math.min(anchor, expected)
    }
    last = { positionMs, anchor, at }
    return rise(anchor + positionMs)
  }
}

/** JPEG over HTTP gives −3.7e20. */
export function isPosition(positionMs: number): boolean {
  return positionMs >= 0 && positionMs < 1e12
}
