import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError } from '@snapmint/core/adapter'
import type { App } from 'firebase-admin/app'
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
  if (app !== undefined) {
    await expectToken(app)
    return { client: getFirestore(app, databaseId), close: async () => {} }
  }
  const { initializeApp, deleteApp } = await loaded(() => import('firebase-admin/app'))
  const name = `snapmint-${randomBytes(6).toString('hex')}`
  const own = initializeApp(projectId === undefined ? undefined : { projectId }, name)
  try {
    await expectToken(own)
  } catch (error) {
    await deleteApp(own)
    throw error
  }
  const client = getFirestore(own, databaseId)
  catchStrayRejections(client)
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

/** Where credentials are missing or refused, the SDK's streams tell nobody: they are silent. An emulator needs none. */
async function expectToken({ options: { credential } }: App): Promise<void> {
  if (!process.env.FIRESTORE_EMULATOR_HOST) await credential?.getAccessToken()
}

/**
 * The SDK's stream requests start work in its pool of connections and let go of the promise (`requestStream` in its `index.js`). When the client is ended while such a request waits for
 * another try, or there are no credentials, that promise rejects where nobody can catch it, and ends the user's process. Who does wait for it is told as before.
 */
function catchStrayRejections(client: object): void {
  const { _clientPool: pool } = client as { readonly _clientPool?: { run?: (...args: unknown[]) => Promise<unknown> } }
  const run = pool?.run
  if (pool === undefined || typeof run !== 'function') return
  pool.run = (...args) => {
    const running = run.apply(pool, args)
    running.catch(() => {})
    return running
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
