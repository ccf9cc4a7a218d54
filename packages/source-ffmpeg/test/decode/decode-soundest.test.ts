import type { VideoChunk } from '@snapmint/core/adapter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decoded, DecodedPicture } from '../../src/decode/decode-run.js'
import { decodeSoundest } from '../../src/decode/decode-soundest.js'

const chunksOf = (count: number) =>
  Array.from(
    { length: count },
    (_, index): VideoChunk<ArrayBuffer> => ({
      codec: 'avc1',
      type: index === 0 ? 'key' : 'delta',
      captureTime: index,
      data: new Uint8Array(1),
    }),
  )

/** A decoder for runs of which the chunk at `broken` is damaged. */
function decoderOf(broken: number) {
  let calls = 0
  async function decode(chunks: readonly VideoChunk<ArrayBuffer>[], positions: readonly number[]): Promise<Decoded> {
    calls += 1
    expect(positions.at(-1)).toBe(chunks.length - 1)
    if (chunks.length > broken) return { damage: 'it is damaged' }
    return new Map(
      positions.map((position): [number, DecodedPicture] => [
        position,
        { data: Uint8Array.of(position), codedWidth: 1, codedHeight: 1 },
      ]),
    )
  }
  return { decode, calls: () => calls }
}

describe('decodeSoundest', () => {
  it('decodes a sound run at once', async () => {
    const { decode, calls } = decoderOf(Number.POSITIVE_INFINITY)
    const { pictures, lastSound, damage } = await decodeSoundest(chunksOf(9), [3, 7], decode)
    expect([...pictures.keys()]).toEqual([3, 7])
    expect([lastSound, damage, calls()]).toEqual([7, undefined, 1])
  })

  it('finds the last sound chunk wherever the damage is, in a few attempts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 250 })
          .chain((length) =>
            fc.tuple(
              fc.constant(length),
              fc.integer({ min: 0, max: length - 1 }),
              fc.uniqueArray(fc.integer({ min: 0, max: length - 1 }), { minLength: 1, maxLength: 20 }),
            ),
          ),
        async ([length, broken, unsorted]) => {
          const positions = unsorted.sort((a, b) => a - b)
          const { decode, calls } = decoderOf(broken)
          const { pictures, lastSound } = await decodeSoundest(chunksOf(length), positions, decode)
          const last = positions.at(-1) as number
          expect(lastSound).toBe(last < broken ? last : broken - 1)
          for (const position of positions.filter((wanted) => wanted <= lastSound)) expect(pictures.has(position)).toBe(true)
          if (lastSound >= 0) expect(pictures.get(lastSound)?.data[0]).toBe(lastSound)
          expect(calls()).toBeLessThanOrEqual(9)
        },
      ),
    )
  })
})
