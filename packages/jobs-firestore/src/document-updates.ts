import type { SnapmintError } from '@snapmint/core/adapter'
import { grpcCodeOf } from './classify-firestore-error.js'
import { type FirestoreDocument, type FirestoreReference, type FirestoreTimestamp, microsecondsOf } from './firestore-client.js'
import type { FirestoreRequests } from './firestore-requests.js'
import type { UsageCounters } from './usage.js'

/** A write of one document, on the condition that it was not changed since. */
export interface DocumentUpdate {
  readonly reference: FirestoreReference
  readonly data: Record<string, unknown>
  readonly lastUpdateTime: FirestoreTimestamp
}

export type UpdateResult =
  | { readonly status: 'written'; readonly updateTime: FirestoreTimestamp }
  /** It was changed or deleted since, and not written. With the document as it is now, where that was found out by reading. */
  | { readonly status: 'conflict'; readonly document?: FirestoreDocument | undefined }
  | { readonly status: 'failed'; readonly error: SnapmintError }

export interface WantedDocument {
  readonly reference: FirestoreReference
  readonly document?: FirestoreDocument | undefined
}

export interface DocumentUpdates {
  /** Writes them all, each on its own. Never rejects: each has its result, in the order of the updates. */
  write(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]>
  /** Reads them, in their order, but for those that are there already. @throws SnapmintError */
  read(wanted: readonly WantedDocument[]): Promise<readonly FirestoreDocument[]>
}

/** Documents of one request. */
const maxLookUp = 500
/** Documents of one commit. */
const maxTogether = 500
/** DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAVAILABLE, UNAUTHENTICATED: no single document is to blame. */
const concernsAll: readonly number[] = [4, 7, 8, 14, 16]

export function createDocumentUpdates(request: FirestoreRequests, usage: UsageCounters): DocumentUpdates {
  const toResult = (error: unknown): UpdateResult => {
    const code = grpcCodeOf(error)
    // Of a document that was deleted, some servers say that it is not there and some that the condition does not hold.
    if (code === 5 || code === 9) return { status: 'conflict' }
    return { status: 'failed', error: request.classify(error, 'write to') }
  }

  /** All of them in one commit. @throws the SDK's error: none was written, unless the answer was lost. */
  async function writeTogether(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]> {
    let refusal: unknown
    const answers = await request('write to', async (client) => {
      const batch = client.batch()
      for (const { reference, data, lastUpdateTime } of updates) batch.update(reference, data, { lastUpdateTime })
      return batch.commit().catch((error: unknown) => {
        refusal = error
        return []
      })
    })
    if (refusal !== undefined) throw refusal
    return answers.map(({ writeTime }) => ({ status: 'written', updateTime: writeTime }))
  }

  /** Each on its own. */
  async function writeApart(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]> {
    const results: UpdateResult[] = []
    await request('write to', async (client) => {
      const writer = client.bulkWriter({ throttling: false })
      // Core tries again, and decides when.
      writer.onWriteError(() => false)
      const writes = updates.map(async ({ reference, data, lastUpdateTime }, index) => {
        try {
          const { writeTime } = await writer.update(reference, data, { lastUpdateTime })
          results[index] = { status: 'written', updateTime: writeTime }
        } catch (error) {
          results[index] = toResult(error)
        }
      })
      await Promise.all([writer.close(), ...writes])
    }).catch((error: unknown) => {
      for (const index of updates.keys()) results[index] ??= toResult(error)
    })
    return results
  }

  /** Finds out which documents stood in the way of a commit, and writes the others together once more. */
  async function writeUnchanged(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]> {
    let documents: readonly FirestoreDocument[]
    try {
      documents = await read(updates)
    } catch (error) {
      return updates.map(() => toResult(error))
    }
    const isUnchanged = (update: DocumentUpdate, index: number) => {
      const updateTime = documents[index]?.updateTime
      return updateTime !== undefined && microsecondsOf(updateTime) === microsecondsOf(update.lastUpdateTime)
    }
    const unchanged = updates.filter(isUnchanged)
    // Nothing was changed: it is what is written that is refused, of one or several.
    const again = unchanged.length === updates.length ? writeApart(unchanged) : writePart(unchanged)
    const written = unchanged.length === 0 ? [] : await again
    let next = 0
    return updates.map((update, index) =>
      isUnchanged(update, index) ? written[next++]! : { status: 'conflict', document: documents[index] },
    )
  }

  /** One commit is one change for those who listen, and one answer. Where a document stands in its way, the others shall not suffer. */
  async function writePart(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]> {
    try {
      return await writeTogether(updates)
    } catch (error) {
      const code = grpcCodeOf(error)
      if (updates.length > 1 && code !== undefined && !concernsAll.includes(code)) return writeUnchanged(updates)
      return updates.map(() => toResult(error))
    }
  }

  async function write(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]> {
    usage.writes += updates.length
    const parts = Array.from({ length: Math.ceil(updates.length / maxTogether) }, (_, part) =>
      updates.slice(part * maxTogether, (part + 1) * maxTogether),
    )
    return (await Promise.all(parts.map(writePart))).flat()
  }

  async function read(wanted: readonly WantedDocument[]): Promise<readonly FirestoreDocument[]> {
    const missing = wanted.filter(({ document }) => document === undefined).map(({ reference }) => reference)
    const documents: FirestoreDocument[] = []
    for (let from = 0; from < missing.length; from += maxLookUp) {
      const part = missing.slice(from, from + maxLookUp)
      usage.documentsLookedUp += part.length
      documents.push(...(await request('read', (client) => client.getAll(...(part as never[])))))
    }
    let next = 0
    return wanted.map(({ document }) => document ?? documents[next++]!)
  }

  return { write: (updates) => (updates.length === 0 ? Promise.resolve([]) : write(updates)), read }
}
