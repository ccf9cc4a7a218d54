import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { refusal } from './refusal.js'

export interface StoredObject {
  readonly data: Buffer
  /** `content-type`, `cache-control` and `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>
}

export interface OpenUpload {
  readonly bucket: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, { readonly data: Buffer; readonly etag: string }>
}

const minPartBytes = 5 * 2 ** 20

const etagOf = (data: Uint8Array) => `"${createHash('md5').update(data).digest('hex')}"`

/** The checksum header's form of a CRC32: big endian, in base64. */
export function crc32Base64(data: Uint8Array): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(data))
  return bytes.toString('base64')
}

/** What a bucket holds, with S3's rules for conditions, keys, metadata and parts. */
export function createObjectStore() {
  const objects = new Map<string, StoredObject>()
  const uploads = new Map<string, OpenUpload>()
  const counts = { begun: 0, completed: 0, aborted: 0, parts: 0 }
  const buckets = new Set<string>()
  const path = (bucket: string, key: string) => `${bucket}/${key}`

  function expectBucket(bucket: string): void {
    if (!buckets.has(bucket))
      throw refusal(404, 'NoSuchBucket', 'The specified bucket does not exist', { fields: { BucketName: bucket } })
  }

  function expectKey(key: string): void {
    if (Buffer.byteLength(key) > 1024) throw refusal(400, 'KeyTooLongError', 'Your key is too long')
  }

  function expectHeaders(headers: Readonly<Record<string, string>>): void {
    const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'))
    const bytes = metadata.reduce((sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + value.length, 0)
    if (bytes > 2048) throw refusal(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size')
  }

  function expectCondition(bucket: string, key: string, createOnly: boolean): void {
    if (createOnly && objects.has(path(bucket, key)))
      throw refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
        fields: { Condition: 'If-None-Match' },
      })
  }

  function openUpload(id: string): OpenUpload {
    const upload = uploads.get(id)
    if (upload === undefined) throw refusal(404, 'NoSuchUpload', 'The specified upload does not exist')
    return upload
  }

  return {
    objects,
    uploads,
    counts,
    buckets,
    expectBucket,
    put(bucket: string, key: string, object: StoredObject, createOnly: boolean): string {
      expectKey(key)
      expectHeaders(object.headers)
      expectCondition(bucket, key, createOnly)
      objects.set(path(bucket, key), object)
      return etagOf(object.data)
    },
    get(bucket: string, key: string): StoredObject {
      const object = objects.get(path(bucket, key))
      if (object === undefined) throw refusal(404, 'NoSuchKey', 'The specified key does not exist')
      return object
    },
    begin(bucket: string, key: string, headers: Readonly<Record<string, string>>): string {
      expectKey(key)
      expectHeaders(headers)
      counts.begun += 1
      const id = `upload-${counts.begun}`
      uploads.set(id, { bucket, key, headers, parts: new Map() })
      return id
    },
    putPart(id: string, number: number, data: Buffer): string {
      const etag = etagOf(data)
      openUpload(id).parts.set(number, { data, etag })
      counts.parts += 1
      return etag
    },
    complete(id: string, wanted: readonly { readonly number: number; readonly etag: string }[], createOnly: boolean): void {
      const { bucket, key, headers, parts } = openUpload(id)
      expectCondition(bucket, key, createOnly)
      if (wanted.some(({ number }, index) => number <= (wanted[index - 1]?.number ?? 0))) throw refusal(400, 'InvalidPartOrder')
      const bodies = wanted.map(({ number, etag }, index) => {
        const part = parts.get(number)
        if (part === undefined || part.etag !== etag) throw refusal(400, 'InvalidPart', `Part ${number} could not be found`)
        if (index < wanted.length - 1 && part.data.length < minPartBytes) throw refusal(400, 'EntityTooSmall')
        return part.data
      })
      if (bodies.length === 0) throw refusal(400, 'MalformedXML', 'You must specify at least one part')
      objects.set(path(bucket, key), { data: Buffer.concat(bodies), headers })
      uploads.delete(id)
      counts.completed += 1
    },
    abort(id: string): void {
      openUpload(id)
      uploads.delete(id)
      counts.aborted += 1
    },
  }
}
