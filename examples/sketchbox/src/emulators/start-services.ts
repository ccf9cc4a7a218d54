import type { FirestoreDatabase } from './firestore-service.js'
import { startFirestore } from './firestore-service.js'
import { startStorage } from './storage-service.js'

/** Firestore and Cloud Storage on this machine. */
export interface LocalServices {
  /** What they are, for people. */
  readonly firestoreTitle: string
  readonly storageTitle: string
  readonly firestore: FirestoreDatabase
  readonly storageEndpoint: string
  close(): Promise<void>
}

/** Starts emulators where they are installed, and what stands in for them elsewhere. @param bucket made at the start. @param inMemory without the emulators all the same. */
export async function startServices(bucket: string, inMemory: boolean): Promise<LocalServices> {
  // The SDKs shall not ask the machine's cloud for credentials: nothing of this is to leave the machine.
  process.env.METADATA_SERVER_DETECTION = 'none'
  // Nor to go to other emulators than these: what the environment says goes before what a client was told.
  delete process.env.FIRESTORE_EMULATOR_HOST
  delete process.env.STORAGE_EMULATOR_HOST
  const firestore = await startFirestore(inMemory)
  const storage = await startStorage(bucket, inMemory).catch(async (error: unknown) => {
    await firestore.close()
    throw error
  })
  return {
    firestoreTitle: firestore.title,
    storageTitle: storage.title,
    firestore: firestore.database,
    storageEndpoint: storage.endpoint,
    async close() {
      await Promise.all([firestore.close(), storage.close()])
    },
  }
}
