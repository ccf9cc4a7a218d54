/** Tables of ITU-T T.81: annex K.1 (quantisation), K.3 (Huffman), figure 5 (zigzag). */

/** Index into a row-major 8×8 block for each zigzag position. */
// biome-ignore format: a table
export const zigzag = Uint8Array.of(
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
)

// biome-ignore format: a table
const lumaBase = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
]

// biome-ignore format: a table
const chromaBase = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
]

/** Row-major divisors for a quality from 1 to 100, scaled as the Independent JPEG Group does. */
export function quantisation(component: 'luma' | 'chroma', quality: number): Uint8Array {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality
  const base = component === 'luma' ? lumaBase : chromaBase
  return Uint8Array.from(base, (value) => Math.min(255, Math.max(1, Math.floor((value * scale + 50) / 100))))
}

/** A Huffman table as a JPEG file carries it: how many codes of each length from 1 to 16, and their symbols. */
export interface HuffmanTable {
  readonly counts: readonly number[]
  readonly symbols: readonly number[]
}

const dcSymbols = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
export const lumaDc: HuffmanTable = { counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], symbols: dcSymbols }
export const chromaDc: HuffmanTable = { counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], symbols: dcSymbols }

const bytes = (hex: string): number[] => Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

export const lumaAc: HuffmanTable = {
  counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
  symbols: bytes(
    '01020300 04110512 21314106 13516107 22711432 8191a108 2342b1c1 1552d1f0 24336272 82090a16 1718191a 25262728 292a3435 363738' +
      '39 3a434445 46474849 4a535455 56575859 5a636465 66676869 6a737475 76777879 7a838485 86878889 8a929394 95969798 999aa2a3' +
      'a4a5a6a7 a8a9aab2 b3b4b5b6 b7b8b9ba c2c3c4c5 c6c7c8c9 cad2d3d4 d5d6d7d8 d9dae1e2 e3e4e5e6 e7e8e9ea f1f2f3f4 f5f6f7f8 f9fa',
  ),
}

export const chromaAc: HuffmanTable = {
  counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
  symbols: bytes(
    '00010203 11040521 31061241 51076171 13223281 08144291 a1b1c109 233352f0 156272d1 0a162434 e125f117 18191a26 2728292a 353637' +
      '38 393a4344 45464748 494a5354 55565758 595a6364 65666768 696a7374 75767778 797a8283 84858687 88898a92 93949596 9798999a' +
      'a2a3a4a5 a6a7a8a9 aab2b3b4 b5b6b7b8 b9bac2c3 c4c5c6c7 c8c9cad2 d3d4d5d6 d7d8d9da e2e3e4e5 e6e7e8e9 eaf2f3f4 f5f6f7f8 f9fa',
  ),
}

/** Code and bit length by symbol, packed as `code << 5 | length`. */
export function huffmanCodes({ counts, symbols }: HuffmanTable): Uint32Array {
  const codes = new Uint32Array(256)
  let code = 0
  let next = 0
  counts.forEach((count, index) => {
    for (let n = 0; n < count; n++) codes[symbols[next++]!] = (code++ << 5) | (index + 1)
    code <<= 1
  })
  return codes
}
