import { SnapmintError } from '@snapmint/core/adapter'
import type { GcsStorageLike } from './gcs-client.js'
import type { ResolvedGcsOptions } from './resolve-options.js'

/** Loads the SDK and makes a client that leaves retrying to core. @throws `SNAPMINT_MISSING_DEPENDENCY` */
export async function createSdkStorage({
  projectId,
  apiEndpoint,
  credentials,
  timeoutMs,
}: ResolvedGcsOptions): Promise<GcsStorageLike> {
  const { Storage } = await loaded()
  const storage = new Storage({
    ...(projectId === undefined ? {} : { projectId }),
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
    timeout: timeoutMs,
    retryOptions: { autoRetry: false, maxRetries: 0, retryableErrorFn: () => false },
  })
  // With STORAGE_EMULATOR_HOST the SDK would upload to the endpoint that was given, and read from that of the environment.
  if (apiEndpoint !== undefined) storage.baseUrl = `${storage.apiEndpoint}/storage/v1`
  return storage
}

async function loaded() {
  try {
    return await import('@google-cloud/storage')
  } catch (cause) {
    const message =
      'The gcs sink needs the package @google-cloud/storage, which cannot be loaded: run `npm install @google-cloud/storage`'
    throw new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { adapter: 'gcs', cause })
  }
}
