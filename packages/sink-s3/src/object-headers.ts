import { expectObject, isHeaderText, type Media } from '@snapmint/core/adapter'
import type { ResolvedS3Options } from './resolve-options.js'
import type { S3ObjectHeaders } from './s3-client.js'

/** S3's own limit for the names and values of an object's metadata together. */
const maxMetadataBytes = 2048
const maxUserBytes = 1024
const ownNames = ['capture-time', 'sha256', 'source', 'job-ids', 'job-count']

/** @throws TypeError or RangeError unless `metadata` can be sent with every object, beside the sink's own. */
export function expectMetadata(metadata: Readonly<Record<string, string>>): void {
  expectObject('metadata', metadata)
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
      throw new TypeError(`Expected the names in \`metadata\` to be of lower-case letters, digits and hyphens, got \`${name}\``)
    if (ownNames.includes(name)) throw new TypeError(`The sink itself writes the metadata \`${name}\`; choose another name`)
    if (!isHeaderText(value))
      throw new TypeError(`Expected \`metadata.${name}\` to be printable ASCII without spaces around it; encode anything else`)
  }
  const bytes = bytesOf(metadata)
  if (bytes > maxUserBytes)
    throw new RangeError(`Expected \`metadata\` to have at most ${maxUserBytes} bytes, names and values together, got ${bytes}`)
}

/** What goes with the bytes of a picture. */
export function objectHeaders(options: ResolvedS3Options, media: Media, key: string, jobIds: readonly string[]): S3ObjectHeaders {
  const { bucket, cacheControl, metadata, includeJobIds } = options
  const own: Record<string, string> = { 'capture-time': String(media.captureTime), sha256: media.sha256 }
  const source = encode(media.source)
  if (source.length <= 512) own.source = source
  if (includeJobIds && jobIds.length > 0) {
    own['job-count'] = String(jobIds.length)
    const room = maxMetadataBytes - bytesOf(own) - bytesOf(metadata) - 'job-ids'.length
    const list = joinThatFit(jobIds, room)
    if (list !== '') own['job-ids'] = list
  }
  return {
    Bucket: bucket,
    Key: key,
    ContentType: media.mimeType,
    ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
    Metadata: { ...metadata, ...own },
  }
}

/** Headers are ASCII. Half a character, which cannot be encoded, becomes the replacement character. */
const encode = (text: string) => encodeURIComponent(Buffer.from(text).toString())

const bytesOf = (metadata: Readonly<Record<string, string>>) =>
  Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0)

/** The first ids whose list, with commas, is at most `room` bytes long. */
function joinThatFit(jobIds: readonly string[], room: number): string {
  let list = ''
  for (const id of jobIds) {
    const next = list === '' ? encode(id) : `${list},${encode(id)}`
    if (next.length > room) break
    list = next
  }
  return list
}
