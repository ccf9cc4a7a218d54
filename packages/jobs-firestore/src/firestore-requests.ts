import { SnapmintError } from '@snapmint/core/adapter'
import { classifyFirestoreError } from './classify-firestore-error.js'
import type { FirestoreLikeClient } from './firestore-client.js'
import { type LoadedFirestore, loadFirestore } from './load-firestore.js'
import { describeIndexes } from './required-indexes.js'
import type { ResolvedOptions } from './resolve-options.js'

/** Asks Firestore: bounded in time, its errors classified. */
export interface FirestoreRequests {
  /**
   * @param action for the message, such as `read`.
   * @throws SnapmintError. A request whose time is up may still have its effect.
   */
  <T>(action: string, ask: (client: FirestoreLikeClient) => Promise<T>): Promise<T>
  classify(error: unknown, action: string): SnapmintError
  close(): Promise<void>
}

export function createFirestoreRequests(options: ResolvedOptions): FirestoreRequests {
  const { firestore, collection, timeoutMs, fields } = options
  const context = { collection, indexes: describeIndexes(fields) }
  let own: Promise<LoadedFirestore> | undefined

  async function client(): Promise<FirestoreLikeClient> {
    if (firestore !== undefined) return firestore
    own ??= loadFirestore(options)
    // The package may be installed, or the credentials come, before the next call.
    own.catch(() => {
      own = undefined
    })
    return (await own).client
  }

  const classify = (error: unknown, action: string) => classifyFirestoreError(error, action, context)

  async function request<T>(action: string, ask: (client: FirestoreLikeClient) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const message = `Could not ${action} the collection ${collection} within ${timeoutMs} ms. Check the network, and the status of the service`
        reject(new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', message, { adapter: 'firestore', retryable: true }))
      }, timeoutMs)
    })
    try {
      return await Promise.race([client().then(ask), late])
    } catch (error) {
      throw classify(error, action)
    } finally {
      clearTimeout(timer)
    }
  }

  return Object.assign(request, {
    classify,
    async close() {
      const closing = own
      own = undefined
      await closing?.then(
        (loaded) => loaded.close(),
        () => {},
      )
    },
  })
}
