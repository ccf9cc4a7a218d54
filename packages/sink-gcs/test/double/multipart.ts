import type { ClientMetadata } from './object-store.js'
import { refusal } from './refusal.js'

/** The two parts of a `multipart/related` upload: what is said of the object, and its bytes. */
export function parseMultipart(contentType: string | undefined, body: Buffer): { metadata: ClientMetadata; data: Buffer } {
  const boundary = /^multipart\/related; boundary="?([^";]+)"?$/.exec(contentType ?? '')?.[1]
  if (boundary === undefined) throw refusal(400, 'badContent', `Not multipart/related with a boundary: ${contentType}`)
  const delimiter = Buffer.from(`--${boundary}`)
  const end = body.lastIndexOf(`\r\n--${boundary}--`)
  const second = body.indexOf(delimiter, delimiter.length)
  if (body.indexOf(delimiter) !== 0 || end === -1 || second === -1 || second > end)
    throw refusal(400, 'badContent', 'The multipart body is cut off.')
  const metadata = partOf(body.subarray(delimiter.length + 2, second - 2))
  const data = partOf(body.subarray(second + delimiter.length + 2, end))
  return { metadata: JSON.parse(metadata.toString()) as ClientMetadata, data }
}

function partOf(part: Buffer): Buffer {
  const at = part.indexOf('\r\n\r\n')
  if (at === -1) throw refusal(400, 'badContent', 'A part has no headers.')
  return part.subarray(at + 4)
}
