import { createHash } from 'node:crypto'
import type { Media } from '@snapmint/core/adapter'
import type { S3Request } from './bounded-request.js'
import { httpStatusOf } from './classify-s3-error.js'
import type { S3ObjectId } from './s3-client.js'

export type Comparison = 'same' | 'different' | 'absent'

/** Compares by size and the SHA-256 that the sink left in the metadata; reads the object only when somebody else wrote it. */
export async function compareByHead(
  request: S3Request,
  object: S3ObjectId,
  media: Media,
  signal: AbortSignal,
): Promise<Comparison> {
  const head = await absentOr(
    request(`look at ${object.Key} in the bucket ${object.Bucket}`, signal, (client, options) =>
      client.headObject(object, options),
    ),
  )
  if (head === undefined) return 'absent'
  if (head.ContentLength !== media.data.byteLength) return 'different'
  if (head.Metadata?.sha256 === undefined) return compareByContent(request, object, media, signal)
  return head.Metadata.sha256 === media.sha256 ? 'same' : 'different'
}

/** Reads the object and compares its SHA-256. */
export async function compareByContent(
  request: S3Request,
  object: S3ObjectId,
  media: Media,
  signal: AbortSignal,
): Promise<Comparison> {
  const expected = media.data.byteLength
  const digest = await absentOr(
    request(`read ${object.Key} in the bucket ${object.Bucket} back`, signal, async (client, options) => {
      const { ContentLength, Body } = await client.getObject(object, options)
      const isOfSize = ContentLength === undefined || ContentLength === expected
      if (Body === undefined || !isOfSize) {
        // Unread, it would keep its connection.
        ;(Body as { destroy?(): void } | undefined)?.destroy?.()
        return ''
      }
      return createHash('sha256')
        .update(await Body.transformToByteArray())
        .digest('hex')
    }),
  )
  if (digest === undefined) return 'absent'
  return digest === media.sha256 ? 'same' : 'different'
}

/** `undefined` when the store says that there is no such object. */
async function absentOr<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (httpStatusOf(error) === 404) return undefined
    throw error
  }
}
