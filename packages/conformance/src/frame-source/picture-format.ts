import assert from 'node:assert/strict'
import type { Frame } from '@snapmint/core/adapter'

interface PictureSize {
  readonly width: number
  readonly height: number
}

const ascii = (bytes: Uint8Array, start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString('latin1')
const head = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 8)).toString('hex') || 'nothing'

/** Start Of Image first, End Of Image somewhere after it: cameras pad their pictures with zeros. ITU-T T.81, B.1.1.3. */
function expectJpeg(bytes: Uint8Array, what: string): void {
  assert.ok(
    bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
    `${what} is no JPEG: it begins with ${head(bytes)}, not ffd8ff`,
  )
  assert.ok(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf('ffd9', undefined, 'hex') > 2,
    `${what} is a truncated JPEG: it has no end marker ffd9. A frame is one complete picture`,
  )
}

function expectPng(bytes: Uint8Array, what: string): void {
  assert.equal(head(bytes), '89504e470d0a1a0a', `${what} is no PNG: it begins with ${head(bytes)}`)
  assert.equal(
    ascii(bytes, bytes.length - 8, bytes.length - 4),
    'IEND',
    `${what} is a truncated PNG: it does not end with the chunk IEND`,
  )
}

function expectWebp(bytes: Uint8Array, what: string): void {
  const isWebp = ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP'
  assert.ok(isWebp, `${what} is no WebP: it begins with ${head(bytes)}, not RIFF….WEBP`)
  const stated = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE(4) + 8
  assert.ok(stated <= bytes.length, `${what} is a truncated WebP: it states ${stated} bytes and has ${bytes.length}`)
}

function expectAvif(bytes: Uint8Array, what: string): void {
  const brands = ascii(bytes, 4, 8) === 'ftyp' ? ascii(bytes, 8, 64) : ''
  assert.match(
    brands,
    /avif|avis|mif1/,
    `${what} is no AVIF: it begins with ${head(bytes)}, not with a box \`ftyp\` of brand avif`,
  )
}

const formats: Readonly<Record<string, (bytes: Uint8Array, what: string) => void>> = {
  'image/jpeg': expectJpeg,
  'image/png': expectPng,
  'image/webp': expectWebp,
  'image/avif': expectAvif,
}

/** Checks that the bytes are what `mimeType` says, for the formats that are known here. @throws AssertionError */
export function expectPicture(mimeType: string, bytes: Uint8Array, what: string): void {
  assert.match(
    mimeType,
    /^image\/[a-z0-9][a-z0-9.+-]*$/,
    `${what}: \`mimeType\` must be an image type such as image/jpeg, not ${JSON.stringify(mimeType)}`,
  )
  assert.notEqual(mimeType, 'image/jpg', `${what}: the MIME type of JPEG is image/jpeg, not image/jpg`)
  formats[mimeType]?.(bytes, what)
}

/** Size as the file itself states it, for JPEG and PNG. */
function statedSize(mimeType: string, bytes: Uint8Array): PictureSize | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (mimeType === 'image/png') return { width: view.readUInt32BE(16), height: view.readUInt32BE(20) }
  if (mimeType !== 'image/jpeg') return undefined
  for (let at = 2; at + 9 < view.length; ) {
    const marker = view[at + 1] ?? 0
    // Start Of Frame: C0–CF but for DHT, JPG and DAC. ITU-T T.81, table B.1.
    const isFrameHeader = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrameHeader) return { width: view.readUInt16BE(at + 7), height: view.readUInt16BE(at + 5) }
    at += 2 + view.readUInt16BE(at + 2)
  }
  return undefined
}

/** Checks `codedWidth`, `codedHeight` and `rotation`. @throws AssertionError */
export function expectDescription(frame: Frame, bytes: Uint8Array, what: string): void {
  const { codedWidth, codedHeight, rotation } = frame
  for (const [name, value] of Object.entries({ codedWidth, codedHeight }))
    assert.ok(
      value === undefined || (Number.isInteger(value) && value > 0),
      `${what}: \`${name}\` must be a whole number of pixels, not ${value}`,
    )
  assert.ok(
    rotation === undefined || [0, 90, 180, 270].includes(rotation),
    `${what}: \`rotation\` must be 0, 90, 180 or 270 degrees clockwise, not ${rotation}`,
  )
  const stated = 'mimeType' in frame ? statedSize(frame.mimeType, bytes) : undefined
  if (stated === undefined) return
  const wanted = `${what}: the picture itself is ${stated.width}×${stated.height}, before rotation`
  assert.ok(codedWidth === undefined || codedWidth === stated.width, `${wanted}; \`codedWidth\` says ${codedWidth}`)
  assert.ok(codedHeight === undefined || codedHeight === stated.height, `${wanted}; \`codedHeight\` says ${codedHeight}`)
}
