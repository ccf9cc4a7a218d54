import { createRequire } from 'node:module'
import { SnapmintError } from '@snapmint/core/adapter'
import { readTimeCode } from './read-time-code.js'

/** Nothing larger is decoded: a broken header must not ask for gigabytes. */
const maxPixels = 64 * 2 ** 20

/**
 * Decodes a JPEG and reads its time code: see {@link readTimeCode}.
 *
 * Decodes natively and synchronously (6 ms for 1080p). Call it on the main thread: Node aborts when a worker is terminated in the middle of a native call.
 *
 * @param jpeg the whole file; borrowed for the call.
 * @throws `SNAPMINT_MISSING_DEPENDENCY` when the optional peer `@julusian/jpeg-turbo` is not installed.
 * @returns ms since the Unix epoch, or `undefined` when the file is no JPEG, is truncated, or has no valid code.
 */
export function readTimeCodeFromJpeg(jpeg: Uint8Array): number | undefined {
  if (!(jpeg instanceof Uint8Array)) throw new TypeError('Expected `jpeg` to be a Uint8Array with the bytes of a JPEG file')
  const pixels = jpegPixels(jpeg)
  if (pixels === undefined || pixels > maxPixels) return undefined
  const codec = loadCodec()
  try {
    const { data, width, height } = codec.decompressSync(Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength), {
      format: codec.FORMAT_GRAY,
    })
    return readTimeCode({ data, width, height, channels: 1 })
  } catch {
    return undefined
  }
}

/** Loaded at the first call: capturing needs no native module. A plain `require` because it is a CommonJS module and its caller is synchronous. */
function loadCodec(): typeof import('@julusian/jpeg-turbo') {
  try {
    return createRequire(import.meta.url)('@julusian/jpeg-turbo')
  } catch (cause) {
    const message =
      'Reading the time code of a JPEG needs @julusian/jpeg-turbo: npm install --save-dev @julusian/jpeg-turbo@2.3.0'
    throw new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { cause, adapter: 'sketch' })
  }
}

/** Width times height according to the frame header; `undefined` if there is none. */
function jpegPixels(jpeg: Uint8Array): number | undefined {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return undefined
  let at = 2
  while (at + 9 < jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1]!
    const isFrameHeader = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrameHeader) return ((jpeg[at + 5]! << 8) | jpeg[at + 6]!) * ((jpeg[at + 7]! << 8) | jpeg[at + 8]!)
    at += marker === 0xff ? 1 : 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!)
  }
  return undefined
}
