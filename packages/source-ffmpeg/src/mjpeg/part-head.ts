import { type Head, parseHead } from './http-head.js'

/** Heads of cameras are a few lines; one that is longer is none. In bytes. */
export const maxHeadBytes = 16 * 1024

/**
 * The head of a part. Cameras repeat the same two lines thirty times a second: what matters of those is read from their bytes, and all else when it is asked for.
 */
export interface PartHead {
  /** The part's size in bytes; undefined where it does not say, or nothing sensible. */
  readonly length: number | undefined
  /** There is more than type and size. */
  readonly hasMore: boolean
  fields(): Head
}

const lengthName = 'content-length'
const colon = 0x3a
const isBlankByte = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === 0x0d
const lowerCase = 0x20

/** Reads the head in the first `end` bytes of `data`, which are whole lines; borrowed for the call. */
export function readPartHead(data: Buffer, end: number): PartHead {
  const text = data.toString('latin1', 0, end)
  let length: number | undefined
  let hasMore = false
  for (let at = 0; at < end; at = data.indexOf(0x0a, at) + 1) {
    const first = (data[at] as number) | lowerCase
    if (first === 0x63) length ??= readLength(data, at)
    else if (!isBlankByte(data[at]) && data[at] !== 0x0a) hasMore = true
  }
  let fields: Head | undefined
  return {
    length,
    hasMore,
    fields() {
      fields ??= parseHead(text)
      return fields
    },
  }
}

/** The value of the line at `at` if it is `Content-Length` and has one above 0. */
function readLength(data: Buffer, at: number): number | undefined {
  let position = at
  for (let index = 0; index < lengthName.length; index++, position++)
    if (((data[position] ?? 0) | lowerCase) !== lengthName.charCodeAt(index) && lengthName[index] !== '-') return undefined
  while (isBlankByte(data[position])) position += 1
  if (data[position] !== colon) return undefined
  position += 1
  while (isBlankByte(data[position])) position += 1
  let value = 0
  for (; isDigit(data[position]); position++)
    value = Math.min(value * 10 + (data[position] as number) - 0x30, Number.MAX_SAFE_INTEGER)
  while (isBlankByte(data[position])) position += 1
  return data[position] === 0x0a && value > 0 ? value : undefined
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39

/** Whether the part calls itself a picture, or nothing at all. */
export const isImage = (head: PartHead) => /^$|^image\//i.test(head.fields().get('content-type') ?? '')

/** The boundary that a `Content-Type` announces, bare: without quotes, and without the hyphens that some cameras put in front of it. */
export function announcedBoundary(contentType: string): string | undefined {
  const [, quoted, token] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType) ?? []
  return bareBoundary((quoted ?? token ?? '').trim())
}

export function bareBoundary(text: string): string | undefined {
  const bare = text.replace(/^-+/, '')
  // Longer than the 70 characters of RFC 2046 it may be, but not endless.
  return bare.length > 0 && bare.length <= 200 ? bare : undefined
}
