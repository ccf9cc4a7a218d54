import type { EpochMs } from '@snapmint/core/adapter'
import { type FirestoreDocument, type FirestoreReference, type FirestoreTimestamp, microsecondsOf } from './firestore-client.js'
import type { JobSchema } from './job-schema.js'
import { readLease, remainingMs } from './lease-record.js'

/** A document that waits to be handed out, as of `updateTime`. */
export interface Candidate {
  readonly id: string
  readonly document: FirestoreDocument
  readonly updateTime: FirestoreTimestamp
  /** Hand-outs that the document knows of. */
  readonly attempts: number
  /** Whether an earlier try left its error there. */
  readonly hasError: boolean
}

export interface WaitingListOptions {
  readonly schema: JobSchema
  readonly leaseField: string | undefined
  /** This process, in leases. */
  readonly holder: string
  readonly clock: () => EpochMs
  /** Whether it is handed out by this process. */
  isHandedOut(id: string): boolean
  /** How long an answer can be under way. */
  readonly latestAnswerMs: number
}

/** What is known of the documents that wait. Each is handed out once, however often it is read or told. */
export interface WaitingList {
  /** A document was read or told. */
  see(document: FirestoreDocument, readTime: FirestoreTimestamp): void
  /** Up to `max` that can be handed out now, in the order in which they were seen. */
  take(max: number): Candidate[]
  /** To be handed out in `delayMs`. */
  putBack(candidate: Candidate, delayMs: number): void
  /** To be read again in `delayMs`. */
  readLater(reference: FirestoreReference, delayMs: number): void
  /** It waits no more, as of a write of ours. What was read before that write is out of date. */
  finish(id: string, updateTime: FirestoreTimestamp): void
  /** Up to `max` documents that are to be read again now. */
  takeUnread(max: number): FirestoreReference[]
  /** How many can be handed out now. */
  ready(): number
  /** When the next of those that are held back is due. */
  nextDueAt(): EpochMs | undefined
}

interface Held {
  readonly dueAt: EpochMs
  readonly reference: FirestoreReference
  /** Left out: somebody else may change it until then, so it is read again. */
  readonly candidate?: Candidate
}

export function createWaitingList(options: WaitingListOptions): WaitingList {
  const { schema, leaseField, holder, clock, isHandedOut, latestAnswerMs } = options
  const ready = new Map<string, Candidate>()
  const held = new Map<string, Held>()
  /** Versions that are out of date, while answers from before may still come. */
  const finished = new Map<string, { readonly version: number; readonly at: EpochMs }>()

  function forgetFinished(): void {
    const horizon = clock() - latestAnswerMs
    for (const [id, { at }] of finished) {
      if (at > horizon) return
      finished.delete(id)
    }
  }

  /** How long somebody keeps it, in ms. A lease of this process that it knows nothing of was never answered, and is void. */
  function leasedForMs(document: FirestoreDocument, readTime: FirestoreTimestamp): number {
    const lease = leaseField === undefined ? undefined : readLease(document.get(leaseField))
    if (lease === undefined || (lease.holder === holder && lease.token !== null)) return 0
    return remainingMs(lease, document, readTime)
  }

  function releaseDue(): void {
    const now = clock()
    for (const [id, { dueAt, candidate }] of held) {
      if (candidate === undefined || dueAt > now) continue
      held.delete(id)
      ready.set(id, candidate)
    }
  }

  return {
    see(document, readTime) {
      const { id, updateTime } = document
      if (updateTime === undefined || !schema.isWaiting(document) || isHandedOut(id)) return
      const version = microsecondsOf(updateTime)
      if (version <= (finished.get(id)?.version ?? 0)) return
      const before = ready.get(id) ?? held.get(id)?.candidate
      if (before !== undefined && version <= microsecondsOf(before.updateTime)) return
      held.delete(id)
      const leasedMs = leasedForMs(document, readTime)
      if (leasedMs > 0) {
        ready.delete(id)
        held.set(id, { dueAt: clock() + leasedMs, reference: document.ref })
      } else
        ready.set(id, { id, document, updateTime, attempts: schema.attemptsOf(document), hasError: schema.hasError(document) })
    },
    take(max) {
      releaseDue()
      const taken: Candidate[] = []
      for (const [id, candidate] of ready) {
        if (taken.length >= max) break
        ready.delete(id)
        taken.push(candidate)
      }
      return taken
    },
    putBack(candidate, delayMs) {
      const { id, document } = candidate
      if (delayMs > 0) held.set(id, { dueAt: clock() + delayMs, reference: document.ref, candidate })
      else ready.set(id, candidate)
    },
    readLater(reference, delayMs) {
      ready.delete(reference.id)
      held.set(reference.id, { dueAt: clock() + delayMs, reference })
    },
    finish(id, updateTime) {
      ready.delete(id)
      held.delete(id)
      forgetFinished()
      // To the end of the map, which is in the order of time.
      finished.delete(id)
      finished.set(id, { version: microsecondsOf(updateTime), at: clock() })
    },
    takeUnread(max) {
      const now = clock()
      const references: FirestoreReference[] = []
      for (const [id, { dueAt, candidate, reference }] of held) {
        if (references.length >= max) break
        if (candidate !== undefined || dueAt > now) continue
        held.delete(id)
        references.push(reference)
      }
      return references
    },
    ready() {
      releaseDue()
      return ready.size
    },
    nextDueAt() {
      let next: EpochMs | undefined
      for (const { dueAt } of held.values()) if (next === undefined || dueAt < next) next = dueAt
      return next
    },
  }
}
