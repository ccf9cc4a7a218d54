import type { EpochMs } from '@snapmint/core/adapter'

/** Dates a live device's pictures, never ahead of the clock. Call it for each one, right after it was read. */
export type FrameDater = (positionMs: number) => EpochMs

export interface Clocks {
  /** The pipeline's clock. */
  readonly now: () => EpochMs
  /** The system's monotonic clock, in ms: Linux stamps a camera's buffers with it. */
  readonly monotonicMs: () => number
}

/**
 * A first stamp this old, or any this far ahead, is not on the system's clock. Drivers that stamp at the start of a transfer are ahead by up to a frame; the driver's queue holds older ones after
 * the process has been held up.
 */
const oldestStampMs = 10_000
const aheadStampMs = 200

/**
 * For cameras. V4L2 gives the driver's own stamp on the monotonic clock: the exposure's end, however late the picture is read. Other drivers give
 * nothing of use: then it is the moment at which the picture was read.
 */
export function createCameraDater({ now, monotonicMs }: Clocks): FrameDater {
  let believedMs = Number.POSITIVE_INFINITY
  return (positionMs) => {
    const ageMs = monotonicMs() - positionMs
    const stamped = ageMs > -aheadStampMs && (ageMs < oldestStampMs || positionMs > believedMs)
    if (stamped) believedMs = positionMs
    return now() - (stamped ? Math.max(0, ageMs) : 0)
  }
}

/** How far a camera's clock may run slow against this one's: 500 ppm. */
const driftPerMs = 0.0005
/** A time line that has fallen behind the clock by more than this, and does not catch up for as long, has begun anew. */
const jumpMs = 2000
/** Catching up is at least so much. */
const catchUpMs = 100

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
  let late: { lateMs: number; at: EpochMs } | undefined

  /** Pictures that were held up on their way, or in a process that was, come late and all at once: their own times hold. After a pause of the camera itself they stay late. */
  function hasBegunAnew(lateMs: number, at: EpochMs): boolean {
    if (lateMs < jumpMs) late = undefined
    else if (late === undefined || lateMs < late.lateMs - catchUpMs) late = { lateMs, at }
    return late !== undefined && at - late.at > jumpMs
  }

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
      if (hasBegunAnew(anchor - expected, at)) late = undefined
      else anchor = Math.min(anchor, expected)
    }
    last = { positionMs, anchor, at }
    return anchor + positionMs
  }
}

/** JPEG over HTTP gives −3.7e20. */
export function isPosition(positionMs: number): boolean {
  return positionMs >= 0 && positionMs < 1e12
}
