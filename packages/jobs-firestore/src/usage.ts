import type { FirestoreUsage } from './firestore-jobs-options.js'

/** The counters behind {@link FirestoreUsage}. */
export type UsageCounters = { -readonly [Name in keyof FirestoreUsage]: number }

export function createUsage(): UsageCounters {
  return { queries: 0, documentsQueried: 0, documentsHeard: 0, documentsLookedUp: 0, writes: 0, listeners: 0 }
}
