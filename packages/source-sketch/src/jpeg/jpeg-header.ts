import { chromaAc, chromaDc, type HuffmanTable, lumaAc, lumaDc, quantisation, zigzag } from './jpeg-tables.js'

interface JpegHeaderOptions {
  readonly width: number
  readonly height: number
  readonly quality: number
  /** Restart interval, in MCUs. */
  readonly interval: number
}

const marker = (code: number, content: readonly number[]): number[] => [
  0xff,
  code,
  (content.length + 2) >> 8,
  (content.length + 2) & 255,
  ...content,
]

const huffman = (id: number, { counts, symbols }: HuffmanTable): number[] => marker(0xc4, [id, ...counts, ...symbols])

function divisors(id: number, component: 'luma' | 'chroma', quality: number): number[] {
  const table = quantisation(component, quality)
  return marker(0xdb, [id, ...Array.from(zigzag, (index) => table[index]!)])
}

/** Everything up to the entropy-coded data of a baseline 4:2:0 JFIF file. */
export function jpegHeader({ width, height, quality, interval }: JpegHeaderOptions): Uint8Array {
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...marker(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...divisors(0, 'luma', quality),
    ...divisors(1, 'chroma', quality),
    ...marker(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]),
    ...huffman(0x00, lumaDc),
    ...huffman(0x10, lumaAc),
    ...huffman(0x01, chromaDc),
    ...huffman(0x11, chromaAc),
    ...marker(0xdd, [interval >> 8, interval & 255]),
    ...marker(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]),
  ])
}
