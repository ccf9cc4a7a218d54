import type { ImageFrame } from '@snapmint/core/adapter'
import { callNative, flipCode, jpegQuality, type NativeMat, type NativeModule, rotateCode } from '../native/native-module.js'
import type { OpencvSourceOptions } from '../opencv-source-options.js'

export type PictureOptions = Pick<OpencvSourceOptions, 'rotation' | 'flip' | 'quality'>

const defaultQuality = 90

/** Turns, mirrors and encodes a picture, in libuv's threads. Releases `mat` and every picture between, whatever happens. */
export async function encodePicture(
  native: NativeModule,
  mat: NativeMat,
  { rotation, flip, quality = defaultQuality }: PictureOptions,
): Promise<Omit<ImageFrame, 'captureTime'>> {
  const held = [mat]
  const step = async (call: (from: NativeMat) => Promise<NativeMat>) => held.push(await call(held.at(-1) as NativeMat))
  try {
    if (rotation) await step((from) => callNative((done) => from.rotateAsync(rotateCode[rotation], done)))
    if (flip) await step((from) => callNative((done) => from.flipAsync(flipCode[flip], done)))
    const upright = held.at(-1) as NativeMat
    const { cols: codedWidth, rows: codedHeight } = upright
    const data = await callNative<Uint8Array>((done) => native.imencodeAsync('.jpg', upright, [jpegQuality, quality], done))
    return { mimeType: 'image/jpeg', data, codedWidth, codedHeight }
  } finally {
    for (const each of held) each.release()
  }
}
