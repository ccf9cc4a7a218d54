import type { FirestoreTimestamp } from '../../src/index.js'

/** A Timestamp of microseconds since the epoch. */
export function timestampOf(microseconds: number): FirestoreTimestamp {
  const seconds = Math.floor(microseconds / 1e6)
  const nanoseconds = (microseconds - seconds * 1e6) * 1000
  const text = String(microseconds).padStart(20, '0')
  return {
    seconds,
    nanoseconds,
    toMillis: () => Math.floor(microseconds / 1000),
    toDate: () => new Date(Math.floor(microseconds / 1000)),
    isEqual: (other) => other.seconds === seconds && other.nanoseconds === nanoseconds,
    valueOf: () => text,
  }
}
