import type { ObjectStore, OpenUpload } from './object-store.js'
import { refusal } from './refusal.js'

const unitBytes = 256 * 1024

export interface ChunkAnswer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/**
 * One `PUT` to the address of a resumable upload: `bytes first-last/total`, the total `*` while it is unknown, or `bytes * /total` to ask how far it is. Chunks but the last
 * one are multiples of 256 KiB. `keptBytes` limits what is kept of a chunk, which a client has to notice.
 */
export function takeChunk(
  store: ObjectStore,
  id: string,
  contentRange: string | undefined,
  data: Buffer,
  keptBytes = Number.POSITIVE_INFINITY,
): ChunkAnswer {
  const upload = store.uploads.get(id)
  if (upload === undefined) throw refusal(404, 'notFound', 'The upload does not exist, or is over.')
  const [, first, last, total] = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(contentRange ?? '') ?? []
  if (total === undefined) throw refusal(400, 'invalid', `Failed to parse Content-Range header: ${contentRange}`)
  if (first === undefined) return incomplete(upload)
  store.counts.chunks += 1
  if (Number(first) !== upload.data.length)
    throw refusal(503, 'backendError', 'The chunk does not begin where the last one ended.')
  if (last !== '*' && Number(last) - Number(first) + 1 !== data.length)
    throw refusal(400, 'invalid', 'The chunk is not of the size that its range says.')
  const kept = data.subarray(0, Math.min(data.length, keptBytes))
  const length = upload.data.length + kept.length
  const isLast = kept.length === data.length && (last === '*' || (total !== '*' && length === Number(total)))
  if (!isLast && kept.length % unitBytes !== 0) throw refusal(400, 'invalid', 'The chunk is no multiple of 256 KiB.')
  upload.data = Buffer.concat([upload.data, kept])
  if (!isLast) return incomplete(upload)
  const expected = total === '*' ? upload.expectedBytes : Number(total)
  if (expected !== undefined && expected !== upload.data.length)
    throw refusal(400, 'invalid', `Expected ${expected} bytes, got ${upload.data.length}`)
  store.uploads.delete(id)
  return { status: 200, body: store.put(upload, upload.metadata, upload.data) }
}

function incomplete({ data }: OpenUpload): ChunkAnswer {
  return { status: 308, headers: data.length === 0 ? {} : { range: `bytes=0-${data.length - 1}` } }
}
