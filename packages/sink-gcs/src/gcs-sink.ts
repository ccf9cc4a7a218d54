import { expectSnapshot, type FrameSink, SnapmintError } from '@snapmint/core/adapter'
import { createRequester } from './bounded-request.js'
import { httpStatusOf } from './classify-gcs-error.js'
import type { GcsBucketLike, GcsUploadOptions } from './gcs-client.js'
import type { GcsSinkOptions } from './gcs-sink-options.js'
import { createSdkStorage } from './load-sdk.js'
import { createObjectKey } from './object-key.js'
import { md5Of, objectMetadata } from './object-metadata.js'
import { objectUri } from './object-uri.js'
import { type ResolvedGcsOptions, resolveGcsOptions } from './resolve-options.js'
import { compareByContent, compareByHash, type ObjectToStore } from './stored-object.js'
import { uploadObject } from './upload-object.js'

/**
 * Stores pictures in a bucket of Google Cloud Storage, which Firebase Storage is as well. The body goes in one request with its MD5, which the store checks; large ones in a
 * resumable upload. Putting the same picture again rewrites the same object. Nothing is loaded and nobody is asked before the first put.
 *
 * @throws TypeError or RangeError on wrong options. `put` rejects with `SNAPMINT_SINK_FORBIDDEN`, `SNAPMINT_SINK_CONFLICT`, `SNAPMINT_SINK_KEY_INVALID`,
 * `SNAPMINT_MISSING_DEPENDENCY` (final), `SNAPMINT_SINK_TIMEOUT` (retryable), `SNAPMINT_SINK_FAILED` (either).
 */
export function gcsSink(options: GcsSinkOptions): FrameSink {
  const resolved = resolveGcsOptions(options)
  const { bucketName, createOnly, verify, timeoutMs } = resolved
  const keyOf = createObjectKey(options)
  const request = createRequester({ bucket: createBucket(resolved), timeoutMs })

  /** @returns false when there is an object already, and none shall be replaced. */
  async function send(object: ObjectToStore, jobIds: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { key, where, body, md5Hash } = object
    const upload = uploadOptions(resolved, object, jobIds)
    try {
      const stored = await request(`store ${where}`, key, signal, (file, context) => uploadObject(file, body, upload, context))
      // A web server or a proxy may say 200 to anything; a store names what it has stored.
      if (stored?.md5Hash !== md5Hash) throw unstored(where)
      return true
    } catch (error) {
      if (createOnly && httpStatusOf(error) === 412) return false
      throw error
    }
  }

  async function store(object: ObjectToStore, jobIds: readonly string[], signal: AbortSignal): Promise<void> {
    const { where } = object
    if (await send(object, jobIds, signal)) {
      if (verify && (await compareByContent(request, object, signal)) !== 'same') throw damaged(where)
      return
    }
    // The size first: what somebody else wrote may be of any.
    let comparison = await compareByHash(request, object, signal)
    if (comparison === 'same' && verify) comparison = await compareByContent(request, object, signal)
    if (comparison === 'different') throw conflict(where)
    if (comparison === 'absent') throw vanished(where)
  }

  return {
    specVersion: 1,
    adapter: 'gcs',
    maxInFlight: resolved.maxInFlight,
    async put(media, { key: coreKey, jobIds, signal }) {
      signal.throwIfAborted()
      expectSnapshot(media, 'gcs')
      if (media.data.byteLength === 0) throw empty(coreKey)
      const key = keyOf(media, coreKey)
      // A copy: the bytes are core's, and may lie in shared memory.
      const body = new Uint8Array(media.data)
      const where = `${key} in the bucket ${bucketName}`
      await store({ key, where, media, body, md5Hash: md5Of(body) }, jobIds, signal)
      return { uri: await request(`give a URL to ${key}`, key, signal, (file) => objectUri(resolved, key, file)) }
    },
  }
}

/** The bucket that was given, or one of a client that is made at the first put. */
function createBucket(options: ResolvedGcsOptions): () => Promise<GcsBucketLike> {
  const { bucket, bucketName, storage } = options
  if (typeof bucket === 'object') return async () => bucket
  let made: Promise<GcsBucketLike> | undefined
  const make = async () => (storage ?? (await createSdkStorage(options))).bucket(bucketName)
  return () => (made ??= make())
}

function uploadOptions(options: ResolvedGcsOptions, object: ObjectToStore, jobIds: readonly string[]): GcsUploadOptions {
  const { createOnly, uri, timeoutMs, resumable } = options
  const { media, md5Hash } = object
  const { byteLength } = media.data
  const isLarge = byteLength >= resumable.thresholdBytes
  const metadata = objectMetadata(options, media, md5Hash, jobIds)
  return {
    resumable: isLarge,
    ...(isLarge ? { chunkSize: resumable.chunkBytes } : {}),
    timeout: timeoutMs,
    validation: false,
    ...(uri === 'public' ? { predefinedAcl: 'publicRead' } : {}),
    ...(createOnly ? { preconditionOpts: { ifGenerationMatch: 0 } } : {}),
    metadata: isLarge ? { ...metadata, contentLength: byteLength } : metadata,
  }
}

function empty(key: string): SnapmintError {
  const message = `The picture ${key} has no bytes, and was not stored: mend what made it`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'gcs' })
}

function conflict(where: string): SnapmintError {
  const message = `${where} exists with another content and was left as it is. Use a template with {captureTime} or {sha256}, or do without \`createOnly\``
  return new SnapmintError('SNAPMINT_SINK_CONFLICT', message, { adapter: 'gcs' })
}

function unstored(where: string): SnapmintError {
  const message = `Could not store ${where}: the answer does not name what was sent, so whoever gave it is no store. Correct \`apiEndpoint\`, or see what stands between`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'gcs', retryable: true })
}

function vanished(where: string): SnapmintError {
  const message = `${where} existed and was deleted before it could be compared`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'gcs', retryable: true })
}

function damaged(where: string): SnapmintError {
  const message = `${where} was stored but does not read back as it was sent`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'gcs', retryable: true })
}
