import { SnapmintError } from '@snapmint/core/adapter'
import type { CollectionScan, Listening } from './collection-scan.js'
import {
  type FirestoreDocument,
  type FirestoreLikeClient,
  type FirestoreSnapshot,
  type FirestoreTimestamp,
  microsecondsOf,
} from './firestore-client.js'
import type { FirestoreNotice } from './firestore-jobs-options.js'
import type { FirestoreRequests } from './firestore-requests.js'
import type { ResolvedOptions } from './resolve-options.js'
import { createSubscription, type SubscriptionOptions } from './subscription.js'
import type { UsageCounters } from './usage.js'
import type { WaitingList } from './waiting-list.js'

export interface JobListenerOptions {
  readonly options: ResolvedOptions
  readonly request: FirestoreRequests
  readonly list: WaitingList
  readonly usage: UsageCounters
  scan(): CollectionScan
  notify(notice: FirestoreNotice): void
}

export interface JobListener extends Listening {
  /** Hears nothing until `resume`. It counts as live: what it misses is told then. */
  pause(): void
  resume(): void
  /** Tells the list of the newest documents that wait, until `signal` aborts. @throws SnapmintError when the listener broke, or went deaf. */
  listen(onAvailable: () => void, signal: AbortSignal): Promise<void>
}

/** Listens to the newest of the waiting documents. They are newest first: a queue of ten thousand is not read by listening to it. */
export function createJobListener({ options, request, list, usage, scan, notify }: JobListenerOptions): JobListener {
  const { collection, fields, listenerLimit, timeoutMs } = options
  /** Listeners that have told something, or rest, each with the way to end it. */
  const live = new Map<symbol, (error: SnapmintError) => void>()
  const sessions = new Set<{ attach(): void; rest(): void }>()
  let heardAt: FirestoreTimestamp | undefined
  let paused = false

  function deaf(documents: readonly FirestoreDocument[]): SnapmintError {
    const names = `${documents.length} waiting document${documents.length === 1 ? '' : 's'}`
    const message = `The listener to the collection ${collection} did not tell of ${names}, which a sweep found; it is renewed`
    notify({ kind: 'listener-deaf', message, documents: documents.map(({ ref }) => ref.path) })
    return new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', message, { adapter: 'firestore', retryable: true })
  }

  /** Without a first answer nothing would ever show that it is deaf. */
  function unanswered(): SnapmintError {
    const message = `The listener to the collection ${collection} was not answered within ${timeoutMs} ms; it is renewed. Check the network, and the status of the service`
    return new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', message, { adapter: 'firestore', retryable: true })
  }

  const newest = (client: FirestoreLikeClient) =>
    client
      .collection(collection)
      .where(fields.mediaTimestamp, '==', null)
      .orderBy(fields.dateCreated, 'desc')
      .limit(listenerLimit)

  const subscribe: SubscriptionOptions['open'] = (isWanted, onSnapshot, onError) =>
    request('listen to', async (client) => {
      if (!isWanted()) return undefined
      usage.listeners += 1
      return newest(client).onSnapshot(onSnapshot, onError)
    })

  /** @returns whether there may be something to claim. */
  function hear(snapshot: FirestoreSnapshot, isFirst: boolean): boolean {
    if (heardAt === undefined || microsecondsOf(snapshot.readTime) > microsecondsOf(heardAt)) heardAt = snapshot.readTime
    const told = snapshot.docChanges().filter(({ type }) => type !== 'removed')
    usage.documentsHeard += told.length
    // Newest first: the list is in the order in which jobs came.
    for (const { doc } of told.reverse()) scan().tell(doc, snapshot.readTime)
    // A whole window of news may have pushed others out of it.
    if (told.length >= listenerLimit && !(isFirst && scan().isActive)) scan().readNewest()
    return list.ready() > 0 || told.length >= listenerLimit
  }

  return {
    isLive: () => live.size > 0,
    heardAt: () => heardAt,
    pause() {
      if (paused) return
      paused = true
      heardAt = undefined
      for (const { rest } of sessions) rest()
    },
    resume() {
      if (!paused) return
      paused = false
      for (const { attach } of sessions) attach()
    },
    onDeaf(documents) {
      const error = deaf(documents)
      for (const end of [...live.values()]) end(error)
    },
    listen: (onAvailable, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) return resolve()
        const name = Symbol(collection)
        const fail = (error: unknown) => end(() => reject(request.classify(error, 'listen to')))
        const subscription = createSubscription({
          open: subscribe,
          timeoutMs,
          onSnapshot(snapshot, isFirst) {
            live.set(name, fail)
            if (hear(snapshot, isFirst)) onAvailable()
          },
          onError: fail,
          onUnanswered: () => fail(unanswered()),
        })
        const session = {
          attach: subscription.attach,
          rest() {
            live.set(name, fail)
            subscription.detach()
          },
        }
        const onAbort = () => end(resolve)

        function end(settle: () => void): void {
          if (!sessions.delete(session)) return
          live.delete(name)
          signal.removeEventListener('abort', onAbort)
          subscription.detach()
          settle()
        }

        signal.addEventListener('abort', onAbort, { once: true })
        sessions.add(session)
        if (paused) session.rest()
        else session.attach()
      }),
  }
}
