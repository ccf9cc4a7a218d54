import { createGcsDouble } from '../../../../packages/sink-gcs/test/double/gcs-double.js'
import { findStorageEmulator, startStorageEmulator } from '../../../../scripts/storage-emulator/storage-emulator.mjs'

interface StorageService {
  readonly title: string
  readonly endpoint: string
  close(): Promise<void>
}

/** Firebase's emulator where it has been fetched, else the server that the sink is tested on. */
export async function startStorage(bucket: string, inMemory: boolean): Promise<StorageService> {
  const path = inMemory ? undefined : findStorageEmulator()
  if (path !== undefined) {
    const { host, close } = await startStorageEmulator(path, 'demo-sketchbox')
    return { title: `Firebase's emulator on ${host}`, endpoint: `http://${host}`, close }
  }
  const { endpoint, buckets, close } = await createGcsDouble()
  buckets.add(bucket)
  return {
    title: `a small server of our own on ${endpoint.replace('http://', '')} (npm run setup fetches Firebase's emulator)`,
    endpoint,
    close,
  }
}
