import { huffmanSegment } from './huffman-tables.js'

/** What the head of a JPEG file says, up to its first scan. */
export interface JpegHead {
  readonly codedWidth: number
  /** Undefined where the file tells it only behind the first scan (DNL). */
  readonly codedHeight: number | undefined
  /** Where the marker of the first scan (SOS) is. */
  readonly scanOffset: number
  /** It is Huffman-coded and brings no Huffman tables. */
  readonly lacksTables: boolean
}

/** A whole JPEG file. */
export interface JpegPicture {
  readonly data: Uint8Array<ArrayBuffer>
  readonly codedWidth: number
  readonly codedHeight: number | undefined
}

const isFrameHeader = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
/** SOF0 to SOF2: sequential and progressive. The others are all but unknown in cameras, and some of them need no Huffman tables. */
const isCommon = (marker: number) => marker >= 0xc0 && marker <= 0xc2
/** Stuffing and restarts belong to a scan; fill bytes may stand before any marker. */
const staysInScan = (marker: number) => marker === 0x00 || (marker >= 0xd0 && marker <= 0xd7)
const startOfImage = 0xd8
const endOfImage = 0xd9
const startOfScan = 0xda

export const beginsLikeJpeg = (data: Uint8Array, at = 0) => data[at] === 0xff && data[at + 1] === startOfImage

/** @returns undefined for anything else than the beginning of a JPEG file that reaches its first scan. */
export function readJpegHead(data: Uint8Array): JpegHead | undefined {
  if (!beginsLikeJpeg(data)) return undefined
  let at = 2
  let frame: { marker: number; width: number; height: number } | undefined
  let hasTables = false
  while (at + 3 < data.length && data[at] === 0xff) {
    const marker = data[at + 1] as number
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === startOfScan) {
      if (frame === undefined || frame.width === 0) return undefined
      const lacksTables = !hasTables && isCommon(frame.marker)
      return { codedWidth: frame.width, codedHeight: frame.height || undefined, scanOffset: at, lacksTables }
    }
    if (marker === 0xc4) hasTables = true
    if (isFrameHeader(marker)) frame = { marker, width: uint16(data, at + 7), height: uint16(data, at + 5) }
    at += 2 + uint16(data, at + 2)
  }
  return undefined
}

const uint16 = (data: Uint8Array, at: number) => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)

/** A position in a file of which more and more is known. */
export interface JpegScanner {
  /**
   * Goes on in `data`, the file's beginning as far as it has come, each time with all of it.
   * @returns where the file ends (the byte behind its end marker); `more` when it goes on; `broken` when this is no JPEG, or one that was cut off.
   */
  scan(data: Buffer): number | 'more' | 'broken'
}

/** Finds the end of a JPEG file by its structure: a picture in its metadata has an end of its own. */
export function createJpegScanner(): JpegScanner {
  let at = 0
  let inScan = false

  /** Steps over one marker at `at`. Undefined when it is not complete yet. */
  function step(data: Buffer): number | 'broken' | 'next' | undefined {
    const marker = data[at + 1]
    if (marker === undefined) return undefined
    if (marker === 0xff) at += 1
    else if (inScan && staysInScan(marker)) at += 2
    else if (marker === startOfImage) {
      if (at !== 0) return 'broken'
      at += 2
    } else if (marker === endOfImage) return at + 2
    else if (at === 0 || marker < 0xc0) return 'broken'
    else {
      if (at + 3 >= data.length) return undefined
      at += 2 + uint16(data, at + 2)
      inScan = marker === startOfScan
    }
    return 'next'
  }

  return {
    scan(data) {
      while (at < data.length) {
        if (inScan) {
          const next = data.indexOf(0xff, at)
          at = next < 0 ? data.length : next
          if (next < 0) break
        } else if (data[at] !== 0xff) return 'broken'
        const result = step(data)
        if (result === undefined) break
        if (result !== 'next') return result
      }
      return 'more'
    },
  }
}

/**
 * Makes a whole picture of what a camera sent: what follows its end is cut off, and Huffman tables are put in where they are missing.
 * @param data becomes the picture's where nothing is missing: its bytes are not copied then.
 * @returns undefined when it is no JPEG, or one that was cut off.
 */
export function toJpegPicture(data: Uint8Array<ArrayBuffer>): JpegPicture | undefined {
  const head = readJpegHead(data)
  if (head === undefined) return undefined
  const end = endsHere(data) ? data.length : createJpegScanner().scan(asBuffer(data))
  if (typeof end !== 'number') return undefined
  const { codedWidth, codedHeight, scanOffset, lacksTables } = head
  const whole = end === data.length ? data : data.subarray(0, end)
  return { data: lacksTables ? withTables(whole, scanOffset) : whole, codedWidth, codedHeight }
}

const endsHere = (data: Uint8Array) => data[data.length - 2] === 0xff && data[data.length - 1] === endOfImage
const asBuffer = (data: Uint8Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)

function withTables(data: Uint8Array, scanOffset: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(data.length + huffmanSegment.length)
  whole.set(data.subarray(0, scanOffset))
  whole.set(huffmanSegment, scanOffset)
  whole.set(data.subarray(scanOffset), scanOffset + huffmanSegment.length)
  return whole
}
