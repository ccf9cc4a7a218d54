import { createHash } from 'node:crypto'
import type { Snapshot } from '@snapmint/core/adapter'

/** A picture and the key that core would give it. */
export interface KeyedPicture {
  readonly key: string
  readonly media: Snapshot
}

const firstCaptureTime = 1_763_690_400_000

/** Bytes that no store can shorten or guess, the same for the same seed: xorshift32. */
export function makeBytes(byteLength: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength)
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  for (let at = 0; at < byteLength; at += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state
  }
  return bytes
}

export interface PictureOptions {
  readonly source?: string
  readonly data?: Uint8Array<ArrayBuffer>
  readonly captureTime?: number
}

/** The `number`-th picture: its own time, key and bytes. */
export function makePicture(number: number, options: PictureOptions = {}): KeyedPicture {
  const { source = 'easel', data = makeBytes(4096, number), captureTime = firstCaptureTime + number * 33.25 } = options
  const fraction = Math.round((captureTime % 1) * 1000)
  const time =
    fraction === 0 ? `${captureTime}` : `${Math.floor(captureTime)}.${String(fraction).padStart(3, '0').replace(/0+$/, '')}`
  return {
    key: `${source}/${time}.jpg`,
    media: {
      kind: 'snapshot',
      source: decodeURIComponent(source),
      captureTime,
      mimeType: 'image/jpeg',
      data,
      sha256: createHash('sha256').update(data).digest('hex'),
      codedWidth: 1920,
      codedHeight: 1080,
    },
  }
}
