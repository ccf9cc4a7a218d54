import type { SnapmintError } from '@snapmint/core/adapter'
import { grpcCodeOf } from './classify-firestore-error.js'
import type { FirestoreDocument, FirestoreReference, FirestoreTimestamp } from './firestore-client.js'
import type { FirestoreRequests } from './firestore-requests.js'
import type { UsageCounters } from './usage.js'

/** A write of one document, on the condition that it was not changed since. */
export interface DocumentUpdate {
  readonly reference: FirestoreReference
  readonly data: Record<string, unknown>
  readonly lastUpdateTime: FirestoreTimestamp
}

/** `conflict`: it was changed or deleted since, and not written. */
export type UpdateResult =
  | { readonly status: 'written'; readonly updateTime: FirestoreTimestamp }
  | { readonly status: 'conflict' }
  | { readonly status: 'failed'; readonly error: SnapmintError }

export interface DocumentUpdates {
  /** Writes them all, each on its own. Never rejects: each has its result, in the order of the updates. */
  write(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]>
  /** Reads them, in their order. @throws SnapmintError */
  read(references: readonly FirestoreReference[]): Promise<readonly FirestoreDocument[]>
}

/** Documents of one request. */
const maxLookUp = 300

export function createDocumentUpdates(request: FirestoreRequests, usage: UsageCounters): DocumentUpdates {
  const toResult = (error: unknown): UpdateResult => {
    const code = grpcCodeOf(error)
    // Of a document that was deleted, some servers say that it is not there and some that the condition does not hold.
    if (code === 5 || code === 9) return { status: 'conflict' }
    return { status: 'failed', error: request.classify(error, 'write to') }
  }

  async function write(updates: readonly DocumentUpdate[]): Promise<UpdateResult[]> {
    const results: UpdateResult[] = []
    usage.writes += updates.length
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

  return {
    write: (updates) => (updates.length === 0 ? Promise.resolve([]) : write(updates)),
    async read(references) {
      const documents: FirestoreDocument[] = []
      for (let from = 0; from < references.length; from += maxLookUp) {
        const part = references.slice(from, from + maxLookUp)
        usage.documentsLookedUp += part.length
        documents.push(...(await request('read', (client) => client.getAll(...(part as never[])))))
      }
      return documents
    },
  }
}
