import type { EpochMs } from '../spec/frame.js'
import type { Match } from './frame-info.js'
import type { HistoryViews } from './layout.js'

/** Guesses before the search falls back on halving: a history with many gaps must not be searched frame by frame. */
const GUESSES = 6

/**
 * Number of frames among the `count` from `tail` on whose captureTime is ≤ `time`. A binary search with better guesses than the middle: cameras are
 * regular, so that the distance in time tells the distance in frames, nearly always within a few; a gap (the source was restarted) costs one more guess.
 * That touches a few cache lines instead of seventeen.
 */
function countUpTo({ captureTime, slotMask }: HistoryViews, tail: number, count: number, time: EpochMs): number {
  const first = captureTime[tail & slotMask]!
  if (count === 0 || first > time) return 0
  const last = captureTime[(tail + count - 1) & slotMask]!
  if (last <= time) return count
  const framesPerMs = (count - 1) / (last - first)
  // Invariant: frame `low` is ≤ time, frame `high` is > time.
  let low = 0
  let high = count - 1
  let known = first
  let guess = 0
  for (let tries = 0; tries < GUESSES; tries++) {
    guess += Math.floor((time - known) * framesPerMs)
    // Stays within the bracket whatever the entries say: they may be torn. Written so that a guess that is NaN becomes a frame, too.
    if (!(guess > low)) guess = low + 1
    if (guess >= high) guess = high - 1
    if (guess <= low) return high
    known = captureTime[(tail + guess) & slotMask]!
    if (known <= time) low = guess
    else high = guess
  }
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (captureTime[(tail + middle) & slotMask]! <= time) low = middle
    else high = middle
  }
  return high
}

/** Index from `tail` of the frame that answers, or -1. */
export function findFrame(views: HistoryViews, tail: number, count: number, time: EpochMs, match: Match): number {
  const upTo = countUpTo(views, tail, count, time)
  const at = (index: number) => views.captureTime[(tail + index) & views.slotMask]!
  if (match === 'before') return upTo - 1
  const after = upTo > 0 && at(upTo - 1) === time ? upTo - 1 : upTo
  if (match === 'after') return after < count ? after : -1
  if (upTo === 0) return count === 0 ? -1 : 0
  if (upTo === count) return count - 1
  return time - at(upTo - 1) <= at(upTo) - time ? upTo - 1 : upTo
}
