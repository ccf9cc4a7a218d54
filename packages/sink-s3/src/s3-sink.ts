import { expectSnapshot, type FrameSink, type Media, SnapmintError } from '@snapmint/core/adapter'
import { createRequester } from './bounded-request.js'
import { httpStatusOf } from './classify-s3-error.js'
import { createLeftovers } from './leftover-uploads.js'
import { createSdkClient } from './load-sdk.js'
import { createMultipartUploader } from './multipart-upload.js'
import { objectHeaders } from './object-headers.js'
import { createObjectKey } from './object-key.js'
import { objectUri } from './object-uri.js'
import { resolveS3Options } from './resolve-options.js'
import type { S3LikeClient, S3ObjectHeaders } from './s3-client.js'
import type { S3SinkOptions } from './s3-sink-options.js'
import { type Comparison, compareByContent, compareByHead } from './stored-object.js'

/**
 * Stores pictures in a bucket of AWS S3 or of any store that speaks its protocol: Cloudflare R2, MinIO, Ceph, Supabase, Google's interoperable endpoint. The body goes in one
 * request with its checksum, large ones in parts. Putting the same picture again rewrites the same object. Nothing is loaded and nobody is asked before the first put.
 *
 * @throws TypeError or RangeError on wrong options. `put` rejects with `SNAPMINT_SINK_FORBIDDEN`, `SNAPMINT_SINK_CONFLICT`, `SNAPMINT_SINK_KEY_INVALID`,
 * `SNAPMINT_MISSING_DEPENDENCY` (final), `SNAPMINT_SINK_FULL`, `SNAPMINT_SINK_TIMEOUT` (retryable), `SNAPMINT_SINK_FAILED` (either).
 */
export function s3Sink(options: S3SinkOptions): FrameSink {
  const resolved = resolveS3Options(options)
  const { createOnly, verify, multipart, timeoutMs, credentials } = resolved
  const keyOf = createObjectKey(options)
  let own: Promise<S3LikeClient> | undefined
  const given = resolved.client
  const client = given === undefined ? () => (own ??= createSdkClient(resolved)) : async () => given
  const request = createRequester({ client, timeoutMs, renewsCredentials: typeof credentials !== 'object' })
  const leftovers = createLeftovers({ bucket: resolved.bucket, request })
  const upload = createMultipartUploader({ options: resolved, request, leftovers })

  /** What is stored under the key already. @throws `SNAPMINT_SINK_CONFLICT` when it is something else. */
  async function compareStored(object: S3ObjectHeaders, media: Media, signal: AbortSignal): Promise<Comparison> {
    const { Bucket, Key } = object
    const compare = verify ? compareByContent : compareByHead
    const comparison = await compare(request, { Bucket, Key }, media, signal)
    if (comparison === 'different') throw conflict(object)
    return comparison
  }

  async function send(object: S3ObjectHeaders, media: Media, signal: AbortSignal): Promise<void> {
    // A copy: the bytes are core's, and what lies in shared memory the SDK refuses.
    const Body = new Uint8Array(media.data)
    if (Body.byteLength >= multipart.thresholdBytes) return upload(object, Body, signal)
    const action = `store ${object.Key} in the bucket ${object.Bucket}`
    const input = { ...object, Body, ...(createOnly ? { IfNoneMatch: '*' as const } : {}) }
    const { ETag } = await request(action, signal, (ready, call) => ready.putObject(input, call))
    // A web server or a proxy may say 200 to anything; a store names what it has stored.
    if (ETag === undefined) throw unstored(object)
  }

  async function create(object: S3ObjectHeaders, media: Media, signal: AbortSignal): Promise<void> {
    // Some stores heed the condition for one request but not for parts, and a look costs less than sending a large body in vain.
    const isLarge = media.data.byteLength >= multipart.thresholdBytes
    if (isLarge && (await compareStored(object, media, signal)) === 'same') return
    try {
      await send(object, media, signal)
    } catch (error) {
      if (httpStatusOf(error) !== 412) throw error
      if ((await compareStored(object, media, signal)) === 'absent') throw vanished(object)
      return
    }
    if (verify) await readBack(object, media, signal)
  }

  async function readBack(object: S3ObjectHeaders, media: Media, signal: AbortSignal): Promise<void> {
    const { Bucket, Key } = object
    if ((await compareByContent(request, { Bucket, Key }, media, signal)) !== 'same') throw damaged(object)
  }

  return {
    specVersion: 1,
    adapter: 's3',
    maxInFlight: resolved.maxInFlight,
    async put(media, { key, jobIds, signal }) {
      signal.throwIfAborted()
      expectSnapshot(media, 's3')
      if (media.data.byteLength === 0) throw empty(key)
      const object = objectHeaders(resolved, media, keyOf(media, key), jobIds)
      if (createOnly) {
        await create(object, media, signal)
      } else {
        await send(object, media, signal)
        if (verify) await readBack(object, media, signal)
      }
      return { uri: await request(`give a URL to ${object.Key}`, signal, () => objectUri(resolved, object.Key, client)) }
    },
    async close() {
      await leftovers.close()
      const made = own
      own = undefined
      await made?.then(
        (ready) => ready.destroy?.(),
        () => {},
      )
    },
  }
}

const where = ({ Bucket, Key }: S3ObjectHeaders) => `${Key} in the bucket ${Bucket}`

function empty(key: string): SnapmintError {
  const message = `The picture ${key} has no bytes, and was not stored: mend what made it`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 's3' })
}

function conflict(object: S3ObjectHeaders): SnapmintError {
  const message = `${where(object)} exists with another content and was left as it is. Use a template with {captureTime} or {sha256}, or do without \`createOnly\``
  return new SnapmintError('SNAPMINT_SINK_CONFLICT', message, { adapter: 's3' })
}

function unstored(object: S3ObjectHeaders): SnapmintError {
  const message = `Could not store ${where(object)}: the answer has no ETag, so whoever gave it is no S3 store. Correct \`endpoint\`, or see what stands between`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 's3', retryable: true })
}

function vanished(object: S3ObjectHeaders): SnapmintError {
  const message = `${where(object)} existed and was deleted before it could be compared`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 's3', retryable: true })
}

function damaged(object: S3ObjectHeaders): SnapmintError {
  const message = `${where(object)} was stored but does not read back as it was sent`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 's3', retryable: true })
}
