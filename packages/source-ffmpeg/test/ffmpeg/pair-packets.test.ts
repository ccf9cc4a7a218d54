import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPacketPairing } from '../../src/ffmpeg/pair-packets.js'
import { createLineSplitter } from '../../src/ffmpeg/split-lines.js'

/** Cuts `whole` at the given places, whatever their order and number. */
function cut<T extends { slice(from: number, to: number): T; readonly length: number }>(
  whole: T,
  places: readonly number[],
): T[] {
  const borders = [0, ...places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b), whole.length]
  return borders.slice(1).map((border, index) => whole.slice(borders[index] as number, border))
}

const places = fc.array(fc.nat(10_000), { maxLength: 30 })

describe('createPacketPairing', () => {
  it('gives back every packet, whatever the pieces and the order in which bytes and sizes arrive', () => {
    const packets = fc.array(fc.uint8Array({ minLength: 0, maxLength: 200 }), { maxLength: 20 })
    fc.assert(
      fc.property(packets, places, fc.infiniteStream(fc.boolean()), (wanted, cuts, coin) => {
        const got: Uint8Array[] = []
        const pairing = createPacketPairing<{ byteLength: number; index: number }>((entry, data) => {
          expect(entry.index).toBe(got.length)
          got.push(data)
        })
        const chunks = cut(new Uint8Array(Buffer.concat(wanted)), cuts)
        const entries = wanted.map(({ byteLength }, index) => ({ byteLength, index }))
        while (chunks.length > 0 || entries.length > 0) {
          const bytesNext = entries.length === 0 || (chunks.length > 0 && coin.next().value === true)
          if (bytesNext) pairing.pushBytes(chunks.shift() as Uint8Array)
          else pairing.pushEntry(entries.shift() as { byteLength: number; index: number })
        }
        expect(got).toEqual(wanted)
        expect(pairing.pendingBytes()).toBe(0)
      }),
    )
  })

  it('gives each packet bytes of its own', () => {
    const got: Uint8Array<ArrayBuffer>[] = []
    const pairing = createPacketPairing<{ byteLength: number }>((_entry, data) => got.push(data))
    const chunk = new Uint8Array([1, 2, 3, 4])
    pairing.pushBytes(chunk)
    pairing.pushEntry({ byteLength: 3 })
    chunk.fill(9)
    expect(got[0]).toEqual(new Uint8Array([1, 2, 3]))
    expect(got[0]?.buffer.byteLength).toBe(3)
    expect(pairing.pendingBytes()).toBe(1)
  })
})

describe('createLineSplitter', () => {
  it('gives back every line, whatever the pieces and the line breaks', () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom('a', '1', ',', ' ', '#'), maxLength: 20 }), { maxLength: 20 })
    fc.assert(
      fc.property(lines, places, fc.constantFrom('\n', '\r\n'), (wanted, cuts, lineBreak) => {
        const got: string[] = []
        const splitter = createLineSplitter((line) => got.push(line))
        for (const piece of cut(wanted.map((line) => line + lineBreak).join(''), cuts)) splitter.push(piece)
        splitter.end()
        expect(got).toEqual(wanted)
      }),
    )
  })

  it('gives a last line that has no line break, once', () => {
    const got: string[] = []
    const splitter = createLineSplitter((line) => got.push(line))
    splitter.push('one\ntw')
    splitter.push('o')
    splitter.end()
    splitter.end()
    expect(got).toEqual(['one', 'two'])
  })

  it('keeps no more than the beginning of a line without end', () => {
    const got: string[] = []
    const splitter = createLineSplitter((line) => got.push(line))
    for (let index = 0; index < 100; index++) splitter.push('x'.repeat(1000))
    splitter.end()
    expect(got).toHaveLength(1)
    expect(got[0]?.length).toBeLessThan(4000)
  })
})
