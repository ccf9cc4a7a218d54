import type { EpochMs } from '../spec/frame.js'
import type { Match } from './frame-info.js'
import type { HistoryViews } from './layout.js'

/**
 * Number of frames among the `count` from `tail` on whose captureTime is ≤ `time`. Binary search behind one interpolated guess: cameras are
 * regular, so the guess is nearly always within a few frames, and a gallop from there touches three cache lines instead of seventeen.
 */
export function countUpTo({ captureTime, slotMask }: HistoryViews, tail: number, count: number, time: EpochMs): number {
  if (count === 0 || captureTime[tail & slotMask]! > time) return 0
  const last = captureTime[(tail + count - 1) & slotMask]!
  if (last <= time) return count
  const first = captureTime[tail & slotMask]!
  // Invariant: frame `low` is ≤ time, frame `high` is > time.
  let low = 0
  let high = count - 1
  let guess = Math.floor(((time - first) / (last - first)) * high)
  for (let step = 4; guess > low && guess < high; step *= 4) {
    if (captureTime[(tail + guess) & slotMask]! <= time) {
      low = guess
      guess += step
    } else {
      high = guess
      guess -= step
    }
    if (high - low <= step) break
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
