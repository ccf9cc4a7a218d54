import { createHash } from 'node:crypto'
import type { Media } from '@snapmint/core/adapter'
import type { GcsRequest } from './bounded-request.js'
import { httpStatusOf } from './classify-gcs-error.js'

export type Comparison = 'same' | 'different' | 'absent'

/** A picture, and where it is to be. */
export interface ObjectToStore {
  readonly key: string
  /** Completes "Could not store …". */
  readonly where: string
  readonly media: Media
  readonly body: Uint8Array<ArrayBuffer>
  readonly md5Hash: string
}

/** Compares by the size and the MD5 that the store itself has computed; reads the object only where it has none. */
export async function compareByHash(request: GcsRequest, object: ObjectToStore, signal: AbortSignal): Promise<Comparison> {
  const { key, where, media, md5Hash } = object
  const metadata = await absentOr(
    request(`look at ${where}`, key, signal, async (file) => {
      const [found] = await file.getMetadata()
      return found
    }),
  )
  if (metadata === undefined) return 'absent'
  if (Number(metadata.size) !== media.data.byteLength) return 'different'
  if (metadata.md5Hash === undefined) return compareByContent(request, object, signal)
  return metadata.md5Hash === md5Hash ? 'same' : 'different'
}

/** Reads the object and compares its SHA-256. */
export async function compareByContent(request: GcsRequest, object: ObjectToStore, signal: AbortSignal): Promise<Comparison> {
  const { key, where, media } = object
  const bytes = await absentOr(
    request(`read ${where} back`, key, signal, async (file) => {
      const [data] = await file.download({ validation: false, decompress: false })
      return data
    }),
  )
  if (bytes === undefined) return 'absent'
  return createHash('sha256').update(bytes).digest('hex') === media.sha256 ? 'same' : 'different'
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
