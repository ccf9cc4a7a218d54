import type { EpochMs } from '@snapmint/core/adapter'

/** So much of the past counts, in ms, at least; twice as much at most. */
const windowMs = 10_000

/** The least value of the recent past. Two buckets are enough, for it does not matter when exactly the past ends. */
export function createLeastOfWindow(start: EpochMs) {
  let bucketStart = start
  let full = false
  let previous = Number.POSITIVE_INFINITY
  let current = Number.POSITIVE_INFINITY
  return {
    /** @returns the least, this value included. */
    add(value: number, time: EpochMs): number {
      if (time - bucketStart >= windowMs) {
        // After a silence as long as a bucket there is no recent past.
        previous = time - bucketStart < 2 * windowMs ? current : Number.POSITIVE_INFINITY
        current = Number.POSITIVE_INFINITY
        full = previous !== Number.POSITIVE_INFINITY
        bucketStart = time
      }
      current = Math.min(current, value)
      return Math.min(previous, current)
    },
    /** Whether the values go back for as long as counts. */
    isFull: () => full,
  }
}
