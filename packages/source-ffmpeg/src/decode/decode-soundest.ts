import type { VideoChunk } from '@snapmint/core/adapter'
import type { Decoded, DecodedPicture } from './decode-run.js'

/** Decodes the chunks of a run; see `decodeRun`. */
export type Decode = (chunks: readonly VideoChunk<ArrayBuffer>[], positions: readonly number[]) => Promise<Decoded>

export interface Soundest {
  readonly pictures: ReadonlyMap<number, DecodedPicture>
  /** The last position whose picture is sound: it is among `pictures`. −1 when there is none. */
  readonly lastSound: number
  /** Why the positions after it have none, as the end of a sentence. */
  readonly damage?: string
}

/**
 * Decodes the wanted pictures of a run; where a chunk is damaged, and with it all that follow, those before it. FFmpeg does not tell reliably which picture a complaint
 * is about, so the last sound one is found by halves: eight attempts for a run of 250 chunks.
 * @param positions rising.
 */
export async function decodeSoundest(
  chunks: readonly VideoChunk<ArrayBuffer>[],
  positions: readonly number[],
  decode: Decode,
): Promise<Soundest> {
  const last = positions.at(-1) ?? 0
  const all = await decode(chunks.slice(0, last + 1), positions)
  if (all instanceof Map) return { pictures: all, lastSound: last }
  let { damage } = all as { damage: string }
  let sound: ReadonlyMap<number, DecodedPicture> = new Map()
  let lastSound = -1
  let firstDamaged = last
  while (firstDamaged - lastSound > 1) {
    const middle = (lastSound + firstDamaged) >> 1
    const wanted = [...positions.filter((position) => position < middle), middle]
    const decoded = await decode(chunks.slice(0, middle + 1), wanted)
    if (decoded instanceof Map) {
      sound = decoded
      lastSound = middle
    } else {
      ;({ damage } = decoded as { damage: string })
      firstDamaged = middle
    }
  }
  return { pictures: sound, lastSound, damage }
}
