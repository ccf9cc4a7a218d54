import type { EpochMs, Job } from '@snapmint/core/adapter'
import type { App } from 'firebase-admin/app'
import type { FirestoreLikeClient } from './firestore-client.js'

/** How times are written: `seconds` and `milliseconds` since the Unix epoch as numbers, rounded down, or a Firestore Timestamp. */
export type FirestoreTimeUnit = 'seconds' | 'milliseconds' | 'timestamp'

/** Names of a job document's fields; dots lead into maps. Fields without a default are neither read nor written unless they are named. */
export interface FirestoreJobFields {
  /** `null` while the job waits; then the time of the delivered picture. Default `mediaTimestamp`. */
  readonly mediaTimestamp?: string | undefined
  /** When the job was filed; jobs are handed out in this order. Default `dateCreated`. */
  readonly dateCreated?: string | undefined
  /** The moment asked for. A document without it, or with `null` in it, asks for that of `dateCreated`. */
  readonly targetTime?: string | undefined
  /** Receives the first `uri` of the delivered picture. */
  readonly mediaUrl?: string | undefined
  /** Receives `captureTime − targetTime` in ms. */
  readonly offsetMs?: string | undefined
  /** Receives `{ code, message }` when a try failed, and `null` when a later one succeeded. */
  readonly error?: string | undefined
  /** Receives the number of hand-outs, which then outlives the process. */
  readonly attempts?: string | undefined
}

/** A job as the default mapping reads it. */
export interface FirestoreJob<Source extends string = string> extends Job<Source> {
  /** The document's id. */
  readonly id: string
  /** The document's data, as the SDK gives them. */
  readonly data: Readonly<Record<string, unknown>>
}

/** What a mapping is given of a document. */
export interface FirestoreJobDocument {
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
  /** `targetTime` where the field is named and filled, else `dateCreated`, as epoch ms. */
  readonly targetTime: EpochMs
}

/** Something the operator may want to know; nothing that stops the jobs. */
export interface FirestoreNotice {
  /**
   * `document-deleted`, `document-changed`: it was so while its job was worked on, and the outcome was not written. `document-invalid`: it is no job; it was closed as failed.
   * `document-unwritable`: a document that should be closed as failed was not. `listener-deaf`: a sweep found what the listener had not told; it is renewed.
   */
  readonly kind: 'document-deleted' | 'document-changed' | 'document-invalid' | 'document-unwritable' | 'listener-deaf'
  readonly message: string
  /** Paths of the documents in question. */
  readonly documents: readonly string[]
}

export interface FirestoreJobsOptions<J = FirestoreJob> {
  /** The collection's path. Default `jobs`. */
  readonly collection?: string | undefined
  /** A client, which stays yours. Default: one of `firebase-admin`, loaded and opened at the first call and closed by `close()`. */
  readonly firestore?: FirestoreLikeClient | undefined
  /** An app of `firebase-admin`, which stays yours, instead of `firestore`. */
  readonly app?: App | undefined
  /** Default: that of the credentials. */
  readonly projectId?: string | undefined
  /** Default `(default)`. */
  readonly databaseId?: string | undefined
  readonly fields?: FirestoreJobFields | undefined
  /** Of `mediaTimestamp`, `dateCreated` and `targetTime`. Default `seconds`. */
  readonly unit?: FirestoreTimeUnit | undefined
  /** Makes the job of a document. What it throws closes the document as failed. Default: see {@link FirestoreJob}. */
  readonly mapping?: ((document: FirestoreJobDocument) => J) | undefined
  /**
   * The field that keeps the lease, for several hosts on one collection: written when a job is handed out, renewed and handed back. Default: none, and leases
   * are kept in this process: then only one may serve the collection.
   */
  readonly leaseField?: string | undefined
  /** What `mediaTimestamp` becomes when a job failed for good: anything but `null`, which would leave it waiting. Default: 0 in the `unit`. */
  readonly failedValue?: number | string | boolean | undefined
  /** How often the collection is asked what the listener should have told, in ms; at least 1,000. Default 60,000. */
  readonly sweepMs?: number | undefined
  /** Hand-outs of a job before it fails with `SNAPMINT_JOB_ATTEMPTS_EXHAUSTED`. Default 10. */
  readonly maxAttempts?: number | undefined
  /** How many of the newest waiting documents are listened to, 1 to 1,000. Larger bursts cost a query. Default 25. */
  readonly listenerLimit?: number | undefined
  /** A request that takes longer is given up, and a listener that got no first answer so long is renewed; in ms. Default 15,000. */
  readonly timeoutMs?: number | undefined
  /** Told what needs no error. What it throws is ignored. */
  readonly onNotice?: ((notice: FirestoreNotice) => void) | undefined
  /** Measures leases and delays, and dates the ends of leases. Default: the monotonic clock and the wall clock. */
  readonly clock?: (() => EpochMs) | undefined
}

/** What was asked of Firestore since construction. Reads and writes are those that are paid for; a query that finds nothing is paid like one read. */
export interface FirestoreUsage {
  readonly queries: number
  /** Documents that queries found. */
  readonly documentsQueried: number
  /** Documents that listeners told: added or changed. */
  readonly documentsHeard: number
  /** Documents that were looked up one by one, after a conflict or the end of somebody else's lease. */
  readonly documentsLookedUp: number
  /** Writes that were sent, those refused by their precondition included. */
  readonly writes: number
  /** Listeners that were opened. */
  readonly listeners: number
}
