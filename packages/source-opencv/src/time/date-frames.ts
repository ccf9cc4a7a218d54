import type { EpochMs } from '@snapmint/core/adapter'

/** Dates a live device's pictures, never ahead of the clock. Call it for each one, right after it was read. */
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
  return (positionMs) => {
    const ageMs = monotonicMs() - positionMs
    const stamped = ageMs > -aheadStampMs && ageMs < oldestStampMs
    return now() - (stamped ? Math.max(0, ageMs) : 0)
  }
}

/** How far a camera's clock may run slow against this one's: 500 ppm. */
const driftPerMs = 0.0005
/** A time line that disagrees with the clock by more than this has begun anew. */
const jumpMs = 2000

/** Weight of the newest spacing in the average. */
const smoothing = 0.1

/**
 * For streams. Where they carry a time line it gives the spacing, and the least delayed picture says where it lies on the clock; else, as with JPEG over HTTP, it is the moment
 * at which the picture was read.
 * @param delayFrames how many pictures the decoder holds back: a picture came in so many spacings before it was read.
 */
export function createStreamDater({ now }: Pick<Clocks, 'now'>, delayFrames = 0): FrameDater {
  let last: { positionMs: number; anchor: EpochMs; at: EpochMs } | undefined
  let spacingMs: number | undefined
  return (positionMs) => {
    const at = now()
    if (!isPosition(positionMs)) {
      last = undefined
      return at
    }
    const stepMs = last === undefined ? Number.NaN : positionMs - last.positionMs
    if (stepMs > 0 && stepMs < jumpMs) spacingMs = spacingMs === undefined ? stepMs : spacingMs + smoothing * (stepMs - spacingMs)
    let anchor = at - positionMs - delayFrames * (spacingMs ?? 0)
    if (last !== undefined && stepMs > 0) {
      const expected = last.anchor + driftPerMs * (at - last.at)
      if (Math.abs(anchor - expected) < jumpMs) anchor = Math.min(anchor, expected)
    }
    last = { positionMs, anchor, at }
    return anchor + positionMs
  }
}

/** JPEG over HTTP gives −3.7e20. */
export function isPosition(positionMs: number): boolean {
  return positionMs >= 0 && positionMs < 1e12
}
