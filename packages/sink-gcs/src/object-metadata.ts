import { createHash } from 'node:crypto'
import { expectObject, isHeaderText, type Media } from '@snapmint/core/adapter'
import type { GcsUploadOptions } from './gcs-client.js'
import type { ResolvedGcsOptions } from './resolve-options.js'

/** Cloud Storage's own limit for the names and values of an object's custom metadata together. */
const maxMetadataBytes = 8192
const maxUserBytes = 4096
const ownNames = ['captureTime', 'sha256', 'source', 'jobIds', 'jobCount'].map((name) => name.toLowerCase())

/** @throws TypeError or RangeError unless `metadata` can be kept with every object, beside the sink's own. */
export function expectMetadata(metadata: Readonly<Record<string, string>>): void {
  expectObject('metadata', metadata)
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[A-Za-z0-9_-]+$/.test(name))
      throw new TypeError(`Expected the names in \`metadata\` to be of letters, digits and hyphens, got \`${name}\``)
    // Served as headers, names differ in more than case.
    if (ownNames.includes(name.toLowerCase()))
      throw new TypeError(`The sink itself writes the metadata \`${name}\`; choose another name`)
    if (!isHeaderText(value))
      throw new TypeError(`Expected \`metadata.${name}\` to be printable ASCII without spaces around it; encode anything else`)
  }
  const bytes = bytesOf(metadata)
  if (bytes > maxUserBytes)
    throw new RangeError(`Expected \`metadata\` to have at most ${maxUserBytes} bytes, names and values together, got ${bytes}`)
}

/** The MD5 as Cloud Storage writes it: in base64. */
export const md5Of = (data: Uint8Array) => createHash('md5').update(data).digest('base64')

/** What goes with the bytes of a picture. */
export function objectMetadata(
  { cacheControl, metadata, includeJobIds }: ResolvedGcsOptions,
  media: Media,
  md5Hash: string,
  jobIds: readonly string[],
): GcsUploadOptions['metadata'] {
  const own: Record<string, string> = { captureTime: String(media.captureTime), sha256: media.sha256 }
  const source = encode(media.source)
  if (source.length <= 512) own.source = source
  if (includeJobIds && jobIds.length > 0) {
    own.jobCount = String(jobIds.length)
    const list = joinThatFit(jobIds, maxMetadataBytes - bytesOf(own) - bytesOf(metadata) - 'jobIds'.length)
    if (list !== '') own.jobIds = list
  }
  return {
    contentType: media.mimeType,
    ...(cacheControl === undefined ? {} : { cacheControl }),
    md5Hash,
    metadata: { ...metadata, ...own },
  }
}

/** Headers, as which it is served, are ASCII. Half a character, which cannot be encoded, becomes the replacement character. */
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
