import { createHash } from 'node:crypto'

/** Names that Windows gives to devices, alone or before any extension. */
const reservedOnWindows = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

const unsafe = /[^\p{L}\p{M}\p{N}_.-]/gu

/** Leaves room for an extension and a suffix below the 255 bytes that most file systems allow. */
const maxSegmentBytes = 200

/**
 * Turns any text into one segment of a path or an object key: no separator, no control character, not `.` or `..`, not hidden, not
 * reserved on Windows, at most 200 bytes of UTF-8. Letters, digits, `_`, `-` and inner dots of any script stay readable, the rest is
 * percent-encoded. Two different texts never give the same segment; one that is too long keeps its beginning and ends in `~` and 128 bits of its SHA-256.
 */
export function encodePathSegment(text: string): string {
  if (text === '') return '~'
  let segment = text.replace(unsafe, percentEncode).replace(/^\.|\.$/g, '%2E')
  if (reservedOnWindows.test(segment)) segment = percentEncode(segment.charAt(0)) + segment.slice(1)
  if (Buffer.byteLength(segment) <= maxSegmentBytes) return segment
  const hash = createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, 32)
  return `${truncate(segment, maxSegmentBytes - hash.length - 1)}~${hash}`
}

/** `~` is itself encoded, so that what it introduces cannot be mistaken for a part of the name. */
function percentEncode(character: string): string {
  if (/^[\uD800-\uDFFF]$/.test(character)) return `~u${character.charCodeAt(0).toString(16)}`
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

function truncate(text: string, maxBytes: number): string {
  let bytes = 0
  let result = ''
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    result += character
  }
  return result
}
