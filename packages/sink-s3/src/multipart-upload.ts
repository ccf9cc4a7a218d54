import { setMaxListeners } from 'node:events'
import { SnapmintError } from '@snapmint/core/adapter'
import type { S3Request } from './bounded-request.js'
import type { Leftovers } from './leftover-uploads.js'
import type { ResolvedS3Options } from './resolve-options.js'
import type { S3ObjectHeaders, S3PartTag, S3UploadId } from './s3-client.js'

export interface MultipartUploaderOptions {
  readonly options: ResolvedS3Options
  readonly request: S3Request
  readonly leftovers: Leftovers
}

type Part = S3PartTag & { readonly PartNumber: number }

/**
 * Sends bodies in parts. An object appears when its last part is there and the upload is completed, or not at all; whatever fails before that is handed to
 * the leftovers, which end the upload and with it free its parts.
 */
export function createMultipartUploader({ options, request, leftovers }: MultipartUploaderOptions) {
  const { multipart, checksums, createOnly } = options
  const checksum = checksums === 'when_supported' ? { ChecksumAlgorithm: 'CRC32' as const } : {}

  async function sendParts(upload: S3UploadId, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Part[]> {
    const count = Math.ceil(body.byteLength / multipart.partBytes)
    const parts: Part[] = []
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    // One listener for each part under way: more than ten are no leak.
    setMaxListeners(0, either)
    let next = 1
    const send = async () => {
      while (next <= count) {
        const PartNumber = next++
        const Body = body.subarray((PartNumber - 1) * multipart.partBytes, PartNumber * multipart.partBytes)
        const action = `store part ${PartNumber} of ${count} of ${upload.Key} in the bucket ${upload.Bucket}`
        const { ETag, ChecksumCRC32 } = await request(action, either, (client, call) =>
          client.uploadPart({ ...upload, ...checksum, PartNumber, Body }, call),
        )
        parts[PartNumber - 1] = { PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) }
      }
    }
    const senders = Array.from({ length: Math.min(multipart.maxInFlight, count) }, async () => {
      try {
        await send()
      } catch (error) {
        failed.abort(error)
        throw error
      }
    })
    // All, so that none is still sending when the upload is ended; the first failure is the reason of the others.
    const ends = await Promise.allSettled(senders)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return parts
  }

  async function sendAndComplete(upload: S3UploadId, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const Parts = await sendParts(upload, body, signal)
    const action = `complete ${upload.Key} in the bucket ${upload.Bucket}`
    const input = { ...upload, MultipartUpload: { Parts }, ...(createOnly ? { IfNoneMatch: '*' as const } : {}) }
    await request(action, signal, (client, call) => client.completeMultipartUpload(input, call))
  }

  return async function upload(object: S3ObjectHeaders, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const { Bucket, Key } = object
    const begun = leftovers.begin(Key)
    try {
      const action = `begin ${Key} in the bucket ${Bucket}`
      const { UploadId } = await request(action, signal, (client, call) =>
        client.createMultipartUpload({ ...object, ...checksum }, call),
      )
      if (UploadId === undefined) throw unnamed(Key)
      begun.UploadId = UploadId
      await sendAndComplete({ Bucket, Key, UploadId }, body, signal)
      leftovers.done(begun)
    } catch (error) {
      leftovers.add(begun, error)
      throw error
    }
  }
}

function unnamed(key: string): SnapmintError {
  const message = `The store began the upload of ${key} but gave it no id`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 's3', retryable: true })
}
