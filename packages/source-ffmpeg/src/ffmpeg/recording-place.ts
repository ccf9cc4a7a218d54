import type { Reading } from './input-arguments.js'
import type { PlayedPicture } from './play-once.js'

/** One picture that is looped lasts so long, in ms. */
const leastRoundMs = 1000
/** Containers round times: a picture that is so little before the start, in ms, is at it. */
const roundingMs = 0.5

/**
 * Keeps the place in a recording, over several processes that read it one after the other.
 * @param from where it is to begin, in ms.
 */
export function createRecordingPlace(from: number) {
  let pictures = 0
  let skipping = true
  let first = 0
  let reached = from
  let end = from
  return {
    pictures: () => pictures,
    count(): void {
      pictures += 1
    },
    /** @returns false for a picture before the start, or one that was delivered already, or one that needs such a picture. */
    advance({ mediaMs, durationMs, stream, ...picture }: PlayedPicture, { startMs = 0 }: Reading): boolean {
      const placeMs = Number.isNaN(mediaMs) ? reached + durationMs : placeOf(startMs, mediaMs, stream)
      const isDelta = 'type' in picture && picture.type === 'delta'
      if (startMs > 0 && skipping && (isDelta || placeMs < from - roundingMs)) return false
      if (pictures > 0 && startMs > 0 && placeMs <= reached) return false
      skipping = false
      if (pictures === 0) first = placeMs
      reached = placeMs
      const fallbackMs = pictures > 0 ? (placeMs - first) / pictures : 0
      end = Math.max(end, placeMs + (durationMs || fallbackMs))
      pictures += 1
      return true
    },
    playedMs: () => reached - first,
    reachedMs: () => reached,
    lengthMs: () => Math.max(end - first, pictures === 1 ? leastRoundMs : 1),
  }
}

/** FFmpeg counts from the start, rounded to the container's ticks, which may be as long as a picture. Pictures themselves are at whole ticks. */
function placeOf(startMs: number, mediaMs: number, { msPerTick }: PlayedPicture['stream']): number {
  return startMs > 0 ? Math.round((startMs + mediaMs) / msPerTick) * msPerTick : mediaMs
}
