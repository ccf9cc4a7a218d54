/** A moment by the server's clock, as the SDK's `Timestamp` has it. */
export interface FirestoreTimestamp {
  readonly seconds: number
  readonly nanoseconds: number
  toDate(): Date
  toMillis(): number
  isEqual(other: FirestoreTimestamp): boolean
  valueOf(): string
}

export interface FirestoreReference {
  readonly id: string
  readonly path: string
}

/** A document as it was read; the SDK's `DocumentSnapshot` is one. */
export interface FirestoreDocument {
  readonly id: string
  readonly ref: FirestoreReference
  readonly exists: boolean
  /** When it was last changed; missing where the document is. */
  readonly updateTime?: FirestoreTimestamp | undefined
  readonly readTime: FirestoreTimestamp
  data(): Record<string, unknown> | undefined
  /** A field by its name, or by a path with dots. */
  get(field: string): unknown
}

export interface FirestoreSnapshot {
  readonly readTime: FirestoreTimestamp
  readonly size: number
  readonly docs: readonly FirestoreDocument[]
  docChanges(): readonly { readonly type: string; readonly doc: FirestoreDocument }[]
}

export interface FirestoreQuery {
  where(field: string, operator: '==', value: null): FirestoreQuery
  orderBy(field: string, direction: 'asc' | 'desc'): FirestoreQuery
  startAfter(document: FirestoreDocument): FirestoreQuery
  startAt(value: unknown): FirestoreQuery
  limit(count: number): FirestoreQuery
  get(): Promise<FirestoreSnapshot>
  /** Returns the function that ends it. */
  onSnapshot(onNext: (snapshot: FirestoreSnapshot) => void, onError: (error: Error) => void): () => void
}

/** Writes some documents in one commit: all or none. */
export interface FirestoreWriteBatch {
  update(
    document: FirestoreReference,
    data: Record<string, unknown>,
    precondition: { readonly lastUpdateTime: FirestoreTimestamp },
  ): unknown
  commit(): Promise<readonly { readonly writeTime: FirestoreTimestamp }[]>
}

/** Writes many documents, each on its own. */
export interface FirestoreBulkWriter {
  update(
    document: FirestoreReference,
    data: Record<string, unknown>,
    precondition: { readonly lastUpdateTime: FirestoreTimestamp },
  ): Promise<{ readonly writeTime: FirestoreTimestamp }>
  onWriteError(shouldRetry: () => boolean): void
  close(): Promise<void>
}

/**
 * What the jobs need of a client: the `Firestore` of `firebase-admin/firestore` or of `@google-cloud/firestore` is one, an object literal in a test another.
 * Methods reject with the SDK's errors, whose `code` is gRPC's number.
 */
export interface FirestoreLikeClient {
  collection(path: string): FirestoreQuery
  /** Is given references; the SDK's own type of them is wider and narrower than {@link FirestoreReference}. */
  getAll(...documents: never[]): Promise<readonly FirestoreDocument[]>
  batch(): FirestoreWriteBatch
  bulkWriter(options: { readonly throttling: boolean }): FirestoreBulkWriter
}

/** Microseconds since the Unix epoch: what Firestore keeps of a time, and what a number holds exactly. */
export function microsecondsOf({ seconds, nanoseconds }: Pick<FirestoreTimestamp, 'seconds' | 'nanoseconds'>): number {
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000)
}
