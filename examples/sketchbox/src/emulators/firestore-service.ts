import { setTimeout as sleep } from 'node:timers/promises'
import { Firestore } from 'firebase-admin/firestore'
import { findFirestoreEmulator, startFirestoreEmulator } from '../../../../scripts/firestore-emulator/firestore-emulator.mjs'

export type FirestoreDatabase = Firestore

interface FirestoreService {
  readonly title: string
  readonly database: FirestoreDatabase
  close(): Promise<void>
}

const projectId = 'demo-sketchbox'
/** How long the end waits for the client, in ms. */
const patienceMs = 1_000

/** Google's emulator where it is installed, else a database in memory. */
export async function startFirestore(inMemory: boolean): Promise<FirestoreService> {
  const jar = inMemory ? undefined : findFirestoreEmulator()
  return jar === undefined ? openInMemory() : startOfficial(jar)
}

async function startOfficial(jar: string): Promise<FirestoreService> {
  const { host, close } = await startFirestoreEmulator(jar)
  const database = new Firestore({ projectId, host, ssl: false, customHeaders: { Authorization: 'Bearer owner' } })
  return {
    title: `Google's emulator on ${host}`,
    database,
    async close() {
      // It waits for every request under way, and the emulator may be gone.
      const patience = new AbortController()
      const enough = sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {})
      await Promise.race([database.terminate().catch(() => {}), enough])
      patience.abort()
      await close()
    },
  }
}

/** The SDK's own client on a database in this process. */
export async function openInMemory(): Promise<FirestoreService> {
  const { FirestoreMock } = await import('@firebase-bridge/firestore-admin')
  const mock = new FirestoreMock()
  const controller = mock.createDatabase(projectId)
  let latest = 0
  // Of two writes in one millisecond, conditions on the time of the last write would not see the second.
  mock.systemTime.custom(() => {
    latest = Math.max(latest + 1, Date.now())
    return new Date(latest)
  })
  return {
    title: 'a Firestore in memory (for the official emulator install Java and the Google Cloud SDK with its Firestore emulator)',
    database: controller.firestore(),
    close: async () => controller.delete(),
  }
}
