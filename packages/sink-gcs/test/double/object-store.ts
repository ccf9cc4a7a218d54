import { createHash } from 'node:crypto'
import { CRC32C } from '@google-cloud/storage'
import { refusal } from './refusal.js'

/** What a client says of an object that it sends, as the JSON of an upload has it. */
export interface ClientMetadata {
  readonly contentType?: string
  readonly cacheControl?: string
  readonly md5Hash?: string
  readonly crc32c?: string
  readonly metadata?: Readonly<Record<string, string>>
}

export interface StoredObject {
  readonly data: Buffer
  readonly metadata: ClientMetadata
  readonly generation: number
  readonly isPublic?: boolean
  /** Composed objects have none. */
  readonly md5Hash?: string
}

export interface Placement {
  readonly bucket: string
  readonly name: string
  readonly query: URLSearchParams
}

export interface OpenUpload extends Placement {
  readonly metadata: ClientMetadata
  readonly expectedBytes: number | undefined
  data: Buffer
}

export const md5Base64 = (data: Uint8Array) => createHash('md5').update(data).digest('base64')

export function crc32cBase64(data: Uint8Array): string {
  const crc32c = new CRC32C()
  crc32c.update(Buffer.from(data))
  return crc32c.toString()
}

const maxMetadataBytes = 8192

/** What buckets hold, with Cloud Storage's rules for hashes, preconditions, names and metadata. */
export function createObjectStore() {
  const objects = new Map<string, StoredObject>()
  const uploads = new Map<string, OpenUpload>()
  const counts = { stored: 0, begun: 0, chunks: 0 }
  const buckets = new Set<string>()
  /** Buckets with uniform access, which know no predefined ACLs. */
  const uniform = new Set<string>()
  let generation = 1_700_000_000_000_000

  function expectPlace({ bucket, name, query }: Placement): void {
    if (!buckets.has(bucket)) throw refusal(404, 'notFound', 'The specified bucket does not exist.')
    if (name === '' || Buffer.byteLength(name) > 1024 || /[\r\n]/.test(name))
      throw refusal(400, 'invalid', 'The specified object name is not valid.')
    if (query.has('predefinedAcl') && uniform.has(bucket))
      throw refusal(400, 'invalid', 'Cannot insert legacy ACL for an object when uniform bucket-level access is enabled.')
    const wanted = query.get('ifGenerationMatch')
    if (wanted === null) return
    const found = objects.get(`${bucket}/${name}`)?.generation ?? 0
    if (Number(wanted) !== found)
      throw refusal(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.')
  }

  function expectMetadata({ metadata = {} }: ClientMetadata): void {
    const entries = Object.entries(metadata)
    if (entries.some(([, value]) => typeof value !== 'string')) throw refusal(400, 'invalid', 'Metadata values must be strings.')
    const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
    if (bytes > maxMetadataBytes) throw refusal(400, 'metadataTooLarge', 'The metadata of the object is too large.')
  }

  function put(place: Placement, metadata: ClientMetadata, data: Buffer): string {
    expectPlace(place)
    expectMetadata(metadata)
    const [md5Hash, crc32c] = [md5Base64(data), crc32cBase64(data)]
    if (metadata.md5Hash !== undefined && metadata.md5Hash !== md5Hash)
      throw refusal(400, 'invalid', `Provided MD5 hash "${metadata.md5Hash}" doesn't match calculated MD5 hash "${md5Hash}".`)
    if (metadata.crc32c !== undefined && metadata.crc32c !== crc32c)
      throw refusal(400, 'invalid', `Provided CRC32C "${metadata.crc32c}" doesn't match calculated CRC32C "${crc32c}".`)
    generation += 1
    counts.stored += 1
    const isPublic = place.query.get('predefinedAcl') === 'publicRead'
    objects.set(`${place.bucket}/${place.name}`, { data, metadata, generation, md5Hash, isPublic })
    return describe(place)
  }

  function get({ bucket, name }: Pick<Placement, 'bucket' | 'name'>): StoredObject {
    if (!buckets.has(bucket)) throw refusal(404, 'notFound', 'The specified bucket does not exist.')
    const object = objects.get(`${bucket}/${name}`)
    if (object === undefined) throw refusal(404, 'notFound', `No such object: ${bucket}/${name}`)
    return object
  }

  /** The object's resource. */
  function describe(place: Pick<Placement, 'bucket' | 'name'>): string {
    const { data, metadata, md5Hash, generation: found } = get(place)
    const { bucket, name } = place
    const size = String(data.length)
    return JSON.stringify({
      kind: 'storage#object',
      bucket,
      name,
      generation: String(found),
      size,
      ...metadata,
      md5Hash,
      crc32c: crc32cBase64(data),
    })
  }

  return {
    objects,
    uploads,
    counts,
    buckets,
    uniform,
    expectPlace,
    put,
    get,
    describe,
    begin(place: Placement, metadata: ClientMetadata, expectedBytes: number | undefined): string {
      expectPlace(place)
      expectMetadata(metadata)
      counts.begun += 1
      const id = `SESSION${counts.begun}`
      uploads.set(id, { ...place, metadata, expectedBytes, data: Buffer.alloc(0) })
      return id
    },
  }
}

export type ObjectStore = ReturnType<typeof createObjectStore>
