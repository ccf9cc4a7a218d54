import { type FirestoreDocument, type FirestoreTimestamp, microsecondsOf } from './firestore-client.js'

/*
 * Leases between hosts.
 *
 * A lease is written into its document, under the condition that the document was not changed since it was read (`lastUpdateTime`): of several hosts that try, one succeeds, and
 * nobody waits for a lock. It begins when the server took the write, which is the document's `updateTime`, and lasts `ms`. Whether it is over is judged
 * by the `readTime` that the server gives with every answer. Both are the server's clock: those of the hosts may differ as they like.
 *
 * Whatever is written changes `updateTime`, so that the holder notices at its next write if anybody else has touched the document. Its own renewals
 * count up `renewals`: a write that changes nothing would leave `updateTime` as it was.
 */

export interface LeaseRecord {
  /** Which process wrote it. */
  readonly holder: string
  /** The hand-out; null when the job was handed back and is only to wait. */
  readonly token: string | null
  /** How long it lasts from the document's `updateTime`. */
  readonly ms: number
  /** Hand-outs so far. */
  readonly attempt: number
  readonly renewals: number
}

/** Whatever a field says, no document is kept from everybody for longer. */
const longestMs = 24 * 3_600_000

/** The lease that a field holds; undefined for anything else. */
export function readLease(value: unknown): LeaseRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { holder, token, ms, attempt, renewals } = value as Record<string, unknown>
  if (typeof holder !== 'string' || typeof ms !== 'number' || !(ms >= 0)) return undefined
  return {
    holder,
    token: typeof token === 'string' ? token : null,
    ms: Math.min(ms, longestMs),
    attempt: typeof attempt === 'number' && Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 0,
    renewals: typeof renewals === 'number' ? renewals : 0,
  }
}

/** How long a lease still lasts, in ms; ≤ 0 when it is over. */
export function remainingMs({ ms }: LeaseRecord, { updateTime }: FirestoreDocument, readTime: FirestoreTimestamp): number {
  if (updateTime === undefined) return 0
  return ms - (microsecondsOf(readTime) - microsecondsOf(updateTime)) / 1000
}
