import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPicturePairing, type GrabbedPicture } from '../../src/ffmpeg/pair-pictures.js'

const header = '#software: Lavf59\n#tb 0: 1/1000000\n#dimensions 0: 64x48\n#sar 0: 0/1\n'
const picture = (length: number, fill: number) => Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(length, fill)])

describe('createPicturePairing', () => {
  it('gives every picture with its time and size, whatever pieces come in whatever order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { maxLength: 8 }),
        fc.infiniteStream(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 }))),
        (lengths, pieces) => {
          const pictures = lengths.map(picture)
          let bytes = Buffer.concat(pictures)
          let index =
            header +
            lengths
              .map((length, n) => `0, ${n}, ${1_700_000_000_000_000 + n * 500}, 500, ${length + 2}, 0x1234, S=1, 8\r\n`)
              .join('')
          const got: GrabbedPicture[] = []
          const pairing = createPicturePairing((one) => got.push(one))
          for (const [isBytes, size] of pieces) {
            if (bytes.length === 0 && index === '') break
            if (isBytes) {
              pairing.bytes(bytes.subarray(0, size))
              bytes = bytes.subarray(size)
            } else {
              pairing.index(index.slice(0, size))
              index = index.slice(size)
            }
          }
          expect(got.map(({ data }) => Buffer.from(data))).toEqual(pictures)
          expect(got.map(({ wallTime }) => wallTime)).toEqual(lengths.map((_, n) => 1_700_000_000_000 + n / 2))
          for (const { codedWidth, codedHeight } of got) expect([codedWidth, codedHeight]).toEqual([64, 48])
        },
      ),
    )
  })

  it('hands out bytes of their own', () => {
    const got: GrabbedPicture[] = []
    const pairing = createPicturePairing((one) => got.push(one))
    const chunk = Buffer.concat([picture(10, 1), picture(10, 2)])
    pairing.index(`${header}0, 0, 1, 1, 12, 0x0\n0, 0, 2, 1, 12, 0x0\n`)
    pairing.bytes(chunk)
    chunk.fill(9)
    expect(got.map(({ data }) => data[5])).toEqual([1, 2])
    expect(got[0]!.data.buffer.byteLength).toBe(12)
  })

  it('refuses pictures that do not begin like one, an index that is none, and bytes without an end', () => {
    const pairing = () => createPicturePairing(() => {})
    expect(() => {
      const one = pairing()
      one.index('0, 0, 1, 1, 3, 0x0\n')
      one.bytes(Buffer.from('abc'))
    }).toThrow(/out of step/)
    expect(() => pairing().index('rubbish\n')).toThrow(/index/)
    expect(() => pairing().index('x'.repeat(20_000))).toThrow(/index/)
    expect(() => {
      const one = pairing()
      const chunk = Buffer.alloc(64 * 2 ** 20)
      for (let count = 0; count < 6; count += 1) one.bytes(chunk)
    }).toThrow(/without saying their size/)
  })
})
