import type { EpochMs } from '@snapmint/core/adapter'
import {
  type FirestoreDocument,
  type FirestoreLikeClient,
  type FirestoreQuery,
  type FirestoreSnapshot,
  type FirestoreTimestamp,
  microsecondsOf,
} from './firestore-client.js'
import type { FirestoreRequests } from './firestore-requests.js'
import { parseTime, writeTime } from './job-times.js'
import type { ResolvedOptions } from './resolve-options.js'
import type { UsageCounters } from './usage.js'
import type { WaitingList } from './waiting-list.js'

/*
 * Which documents are read, and when.
 *
 * A scan reads all that wait, page by page, each page from where the one before ended: draining ten thousand documents reads each once. It begins when there is
 * nobody who would tell of new documents, and every `sweepMs` otherwise, because listeners go deaf in silence. As long as a listener is open and no
 * sweep is due, nothing is asked: what there is to know was told.
 *
 * Every second sweep is ordered by name instead of by date: documents without a date are in no index of dates.
 */

/** Who tells of new documents meanwhile. */
export interface Listening {
  isLive(): boolean
  /** The server's time of what was told last. */
  heardAt(): FirestoreTimestamp | undefined
  /** It should have told these. */
  onDeaf(documents: readonly FirestoreDocument[]): void
}

export interface CollectionScan {
  /**
   * Reads on, if there is anything to read: for about so many documents. Resolves to whether it is worth looking at the list again.
   *
   * @param isRead everything was read just now: that nobody listens is no reason to read it again.
   */
  more(wanted: number, isRead?: boolean): Promise<boolean>
  /** A listener told of a document. While a scan is under way it waits for its turn: the oldest come first, and the scan comes by it anyway. */
  tell(document: FirestoreDocument, readTime: FirestoreTimestamp): void
  /** Documents came in a number that the listener could not tell one by one. */
  readNewest(): void
  /** Whether a scan is under way. */
  readonly isActive: boolean
  /** Whether there is something to read: a scan is under way, or a sweep is due. */
  readonly isDue: boolean
}

interface Scan {
  readonly order: 'date' | 'name'
  after?: FirestoreDocument
  /** Of dates; where the scan begins. */
  readonly from?: number | Date | undefined
  pages: number
}

const pageSize = { least: 100, most: 1_000 }
/** A listener may be so late. */
const graceMs = 5_000
/** Timers and clocks differ by a little. */
const slackMs = 10
/** Clocks of those who file jobs differ, and dates in seconds are rounded. */
const overlapMs = 2_000
/** Documents that were told during a scan are kept for its end. */
const maxAside = 1_000

export interface CollectionScanOptions {
  readonly options: ResolvedOptions
  readonly request: FirestoreRequests
  readonly list: WaitingList
  readonly listening: Listening
  readonly usage: UsageCounters
}

export function createCollectionScan({ options, request, list, listening, usage }: CollectionScanOptions): CollectionScan {
  const { collection, fields, sweepMs, unit, listenerLimit, steadyClock: clock } = options
  let scan: Scan | undefined
  let sweptAt: EpochMs | undefined
  let byNameAt: EpochMs = clock() - sweepMs
  let newestWanted = false
  let newestKnown: EpochMs | undefined
  let reading: Promise<void> | undefined
  const aside = new Map<string, { readonly document: FirestoreDocument; readonly readTime: FirestoreTimestamp }>()

  const isSwept = () => sweptAt !== undefined && clock() - sweptAt < sweepMs - slackMs

  function begin(isRead: boolean): Scan | undefined {
    const now = clock()
    const swept = isSwept()
    if (newestWanted && swept) {
      newestWanted = false
      return { order: 'date', from: newestKnown === undefined ? undefined : writeTime(newestKnown - overlapMs, unit), pages: 0 }
    }
    if (swept && (isRead || listening.isLive())) return undefined
    const byName = now - byNameAt >= 2 * sweepMs - slackMs
    newestWanted = false
    sweptAt = now
    if (byName) byNameAt = now
    return { order: byName ? 'name' : 'date', pages: 0 }
  }

  function query(client: FirestoreLikeClient, { order, after, from }: Scan, limit: number): FirestoreQuery {
    let waiting = client.collection(collection).where(fields.mediaTimestamp, '==', null)
    if (order === 'date') waiting = waiting.orderBy(fields.dateCreated, 'asc')
    if (after !== undefined) waiting = waiting.startAfter(after)
    else if (from !== undefined) waiting = waiting.startAt(from)
    return waiting.limit(limit)
  }

  /** Of the documents that a listener to the newest must have told: those that were written after it told anything, and not just now. */
  function untold({ order, pages }: Scan, { docs, readTime }: FirestoreSnapshot): FirestoreDocument[] {
    const heardAt = listening.heardAt()
    if (heardAt === undefined || !listening.isLive()) return []
    if (order === 'name' && (pages > 1 || docs.length > listenerLimit)) return []
    const latest = microsecondsOf(readTime) - graceMs * 1000
    return docs.slice(-listenerLimit).filter((document) => {
      const { updateTime } = document
      // Listeners are told in the order of dates: not of what has none.
      if (document.get(fields.dateCreated) === undefined) return false
      const changed = updateTime === undefined ? 0 : microsecondsOf(updateTime)
      return changed > microsecondsOf(heardAt) && changed < latest
    })
  }

  async function readPage(current: Scan, limit: number): Promise<void> {
    usage.queries += 1
    const snapshot = await request('read', (client) => query(client, current, limit).get())
    const { docs, readTime } = snapshot
    usage.documentsQueried += docs.length
    current.pages += 1
    for (const document of docs) list.see(document, readTime)
    const last = docs.at(-1)
    if (current.order === 'date' && last !== undefined) {
      const created = parseTime(last.get(fields.dateCreated), unit)
      if (typeof created === 'number') newestKnown = Math.max(newestKnown ?? 0, created)
    }
    if (docs.length < limit || last === undefined) {
      scan = undefined
      for (const { document, readTime: toldAt } of aside.values()) list.see(document, toldAt)
      aside.clear()
      const deafTo = untold(current, snapshot)
      if (deafTo.length > 0) listening.onDeaf(deafTo)
    } else current.after = last
  }

  const isWorthwhile = () => scan !== undefined || list.ready() > 0

  return {
    get isActive() {
      return scan !== undefined
    },
    get isDue() {
      return scan !== undefined || !isSwept()
    },
    tell(document, readTime) {
      if (scan === undefined) list.see(document, readTime)
      else if (aside.size < maxAside) aside.set(document.id, { document, readTime })
      else newestWanted = true
    },
    async more(wanted, isRead = false) {
      if (reading !== undefined) {
        await reading
        return isWorthwhile()
      }
      scan ??= begin(isRead)
      if (scan === undefined) return false
      const limit = Math.min(pageSize.most, Math.max(pageSize.least, wanted))
      reading = readPage(scan, limit).finally(() => {
        reading = undefined
      })
      await reading
      return isWorthwhile()
    },
    readNewest() {
      newestWanted = true
    },
  }
}
