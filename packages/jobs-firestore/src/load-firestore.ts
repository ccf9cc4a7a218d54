import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError } from '@snapmint/core/adapter'
import type { FirestoreLikeClient } from './firestore-client.js'
import type { FirestoreJobsOptions } from './firestore-jobs-options.js'

export interface LoadedFirestore {
  readonly client: FirestoreLikeClient
  /** Ends its connections, if they are ours. */
  close(): Promise<void>
}

/** How long requests under way may delay the end, in ms. */
const patienceMs = 500

type LoadOptions = Pick<FirestoreJobsOptions, 'app' | 'projectId' | 'databaseId'>

/** Loads the SDK and opens a client. An app of our own leaves the default app to the user. @throws `SNAPMINT_MISSING_DEPENDENCY` */
export async function loadFirestore({ app, projectId, databaseId = '(default)' }: LoadOptions): Promise<LoadedFirestore> {
  const { getFirestore } = await loaded(() => import('firebase-admin/firestore'))
  if (app !== undefined) return { client: getFirestore(app, databaseId), close: async () => {} }
  const { initializeApp, deleteApp } = await loaded(() => import('firebase-admin/app'))
  const name = `snapmint-${randomBytes(6).toString('hex')}`
  const own = initializeApp(projectId === undefined ? undefined : { projectId }, name)
  const client = getFirestore(own, databaseId)
  return {
    client,
    async close() {
      // Deleting the app alone leaves the connection open. The end waits for requests under way, those that were given up included: not so this.
      const ending = client.terminate().catch(() => {})
      const patience = new AbortController()
      await Promise.race([ending, sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {})])
      patience.abort()
      await deleteApp(own)
    },
  }
}

async function loaded<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    const message =
      'The firestore jobs need the package firebase-admin, which cannot be loaded: run `npm install firebase-admin`, or give `firestore`'
    throw new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { adapter: 'firestore', cause })
  }
}
