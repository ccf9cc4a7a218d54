import { seededRandom } from '../lib/random.js'

/**
 * The frames of this benchmark. Each is one of a few pictures of different sizes, made beforehand, so that writing one costs the writer no more than the
 * push; a picture ends in a checksum of its words and in its own number, which follows from the frame's sequence number.
 */

const PICTURES = 5
const LARGEST_BYTES = 240_000
const SMALLEST_BYTES = 160_000

export const pictureOf = (sequenceNumber: number): number => sequenceNumber % PICTURES

function checksum(words: Uint32Array, count: number): number {
  let sum = 0x811c9dc5
  for (let index = 0; index < count; index++) sum = Math.imul(sum ^ words[index]!, 0x01000193)
  return sum >>> 0
}

export function makePictures(): Uint8Array[] {
  const random = seededRandom(1)
  return Array.from({ length: PICTURES }, (_, number) => {
    const count = Math.floor((SMALLEST_BYTES + random() * (LARGEST_BYTES - SMALLEST_BYTES)) / 4)
    const words = Uint32Array.from({ length: count }, () => random() * 2 ** 32)
    words[count - 2] = number
    words[count - 1] = checksum(words, count - 1)
    return new Uint8Array(words.buffer)
  })
}

/** Whether these are the bytes, all of them, that were pushed under this sequence number. */
export function isWhole(data: Uint8Array, sequenceNumber: number): boolean {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)
  return words.at(-2) === pictureOf(sequenceNumber) && words.at(-1) === checksum(words, words.length - 1)
}
