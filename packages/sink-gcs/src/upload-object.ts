import type { RequestContext } from './bounded-request.js'
import { createConnections } from './connections.js'
import type { GcsFileLike, GcsObjectMetadata, GcsUploadOptions } from './gcs-client.js'
import { begunUpload } from './gcs-failure.js'

/**
 * Sends a body through the SDK's stream: the promise of `save()` could not be ended.
 *
 * @returns what the store says that it has stored; undefined when what answered is no store.
 */
export function uploadObject(
  file: GcsFileLike,
  body: Uint8Array,
  options: GcsUploadOptions,
  { signal, progress }: RequestContext,
): Promise<GcsObjectMetadata | undefined> {
  return new Promise((resolve, reject) => {
    const connections = createConnections()
    if (options.resumable) file.interceptors?.push({ request: (call: object) => ({ ...call, agent: connections.agent }) })
    const writable = file.createWriteStream(options)
    let response: unknown
    let hasBegun = false
    const onAbort = () => void writable.destroy(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    writable
      .on('response', (answer: unknown) => {
        response = answer
      })
      .on('uri', () => {
        hasBegun = true
      })
      .on('progress', progress)
      .on('error', (error: unknown) => {
        const failure = withResponse(error, response)
        reject(hasBegun ? Object.assign(failure as object, { name: begunUpload }) : failure)
      })
      .on('finish', () => resolve(objectOf(file.metadata)))
      .on('close', () => {
        signal.removeEventListener('abort', onAbort)
        connections.close()
        // Only an end of which nobody was told; after the others it has no effect.
        reject(new Error('The upload was closed before its end'))
      })
      .end(body)
  })
}

/** Some errors of resumable uploads have lost the answer, and with it the store's advice when to come again. */
function withResponse(error: unknown, response: unknown): unknown {
  if (response === undefined || typeof error !== 'object' || error === null || 'response' in error) return error
  const { message, name, code, errors, stack } = error as Record<string, unknown>
  return Object.assign(new Error(typeof message === 'string' ? message : ''), {
    ...(name === undefined ? {} : { name }),
    ...(stack === undefined ? {} : { stack }),
    code,
    errors,
    response,
  })
}

const objectOf = (metadata: unknown) =>
  typeof metadata === 'object' && metadata !== null ? (metadata as GcsObjectMetadata) : undefined
