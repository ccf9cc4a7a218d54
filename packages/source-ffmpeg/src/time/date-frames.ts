import type { EpochMs } from '@snapmint/core/adapter'

/** Least step between two captureTimes, in ms: a hundredth is well above what a double resolves at today's date. */
const leastStepMs = 0.01
/** A live pts further ahead of the clock is not wall time. */
const maxAheadMs = 10_000
/** A live pts further behind the clock is not wall time. */
const maxBehindMs = 3_600_000
/** `Date.now()` is cut to whole ms, so the offset between two clocks is seen up to 1 ms too large; beyond this it was stepped. */
const clockNoiseMs = 2

export interface Arrival {
  /** The pipeline's clock when the frame had arrived. */
  readonly now: EpochMs
  /** The system's wall clock, the one that FFmpeg reads, at the same moment. */
  readonly wallNow: EpochMs
}

/**
 * Dates the frames of a live input. FFmpeg stamps them with the system's wall clock; captureTime is that stamp on the pipeline's clock, from which the wall
 * clock may differ (it may have been stepped). Strictly increasing, and at most a hundredth of a millisecond per frame ahead of `now`.
 *
 * The first frame may come with a pts from before the stamping began: it is discarded (undefined). Should the next pts be no wall time either, the
 * input keeps a clock of its own, and the least delayed frame anchors it: captureTime = pts + min(arrival − pts).
 */
export function createLiveDating(): (ptsMs: number, arrival: Arrival) => EpochMs | undefined {
  let last = Number.NEGATIVE_INFINITY
  let offset: number | undefined
  let strangers = 0
  const anchored = createAnchoredDating()

  function toPipeline(ptsMs: number, { now, wallNow }: Arrival): EpochMs {
    const seen = now - wallNow
    if (offset === undefined || seen < offset || seen > offset + clockNoiseMs) offset = seen
    return ptsMs + offset
  }

  return (ptsMs, arrival) => {
    let time = toPipeline(ptsMs, arrival)
    if (time <= arrival.now + maxAheadMs && time >= arrival.now - maxBehindMs) strangers = 0
    else {
      strangers += 1
      if (strangers === 1) return undefined
      time = anchored(ptsMs, arrival.now)
    }
    last = Math.max(Math.min(time, arrival.now), last + leastStepMs)
    return last
  }
}

function createAnchoredDating(): (ptsMs: number, now: EpochMs) => EpochMs {
  let anchor = Number.POSITIVE_INFINITY
  let lastPts = Number.NaN
  return (ptsMs, now) => {
    if (!Number.isFinite(ptsMs)) return now
    if (ptsMs < lastPts || ptsMs > lastPts + maxAheadMs) anchor = Number.POSITIVE_INFINITY
    lastPts = ptsMs
    anchor = Math.min(anchor, now - ptsMs)
    return ptsMs + anchor
  }
}

/** Behind its own pace by more than this, a recording goes on from now. */
const maxLateMs = 5000

/**
 * Dates the frames of a recording that is played in real time: captureTime = start + media time, spaced as in the file, where start is the arrival of the
 * first frame. A frame that was read ahead gets a captureTime that is still to come.
 * @param onSlip called when the playback fell behind its pace and its start was moved, with the ms it was behind.
 */
export function createMediaDating(onSlip: (lateMs: number) => void): (mediaMs: number, now: EpochMs) => EpochMs {
  let last = Number.NEGATIVE_INFINITY
  let start: EpochMs | undefined
  return (mediaMs, now) => {
    start ??= now - mediaMs
    const lateMs = now - (start + mediaMs)
    if (lateMs > maxLateMs) {
      start = now - mediaMs
      onSlip(lateMs)
    }
    last = Math.max(start + mediaMs, last + leastStepMs)
    return last
  }
}
