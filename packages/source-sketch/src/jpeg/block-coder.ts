import { type BitWriter, createBitWriter } from './bit-writer.js'
import { dctScale, forwardDct } from './forward-dct.js'
import { chromaAc, chromaDc, huffmanCodes, lumaAc, lumaDc, quantisation, zigzag } from './jpeg-tables.js'

/** Turns 8×8 blocks of samples into entropy-coded bytes. */
export interface BlockCoder {
  /** Starts a segment: the predictions are reset and the output is empty. */
  begin(): void
  /** Codes the block whose first sample is at `offset`. Component 0 is luma, 1 and 2 are chroma. */
  code(component: 0 | 1 | 2, samples: Uint8Array, offset: number, stride: number): void
  /** Ends the segment. The view is borrowed until the next `begin()`. */
  end(): Uint8Array
}

interface ComponentTables {
  readonly factors: Float64Array
  readonly dc: Uint32Array
  readonly ac: Uint32Array
}

function componentTables(component: 'luma' | 'chroma', quality: number): ComponentTables {
  const factors = Float64Array.from(
    quantisation(component, quality),
    (divisor, index) => 1 / (divisor * 8 * dctScale[index >> 3]! * dctScale[index & 7]!),
  )
  const [dc, ac] = component === 'luma' ? [lumaDc, lumaAc] : [chromaDc, chromaAc]
  return { factors, dc: huffmanCodes(dc), ac: huffmanCodes(ac) }
}

/** Brings the 64 samples around 0; tells whether they are all the same. */
function load(block: Float64Array, samples: Uint8Array, offset: number, stride: number): boolean {
  const first = samples[offset]!
  let flat = true
  for (let y = 0, to = 0, row = offset; y < 8; y++, row += stride) {
    for (let x = 0; x < 8; x++) {
      const sample = samples[row + x]!
      if (sample !== first) flat = false
      block[to++] = sample - 128
    }
  }
  return flat
}

function putCode(writer: BitWriter, packed: number): void {
  writer.put(packed >>> 5, packed & 31)
}

/** The bits of a value after the code that tells their number. */
function putAmplitude(writer: BitWriter, value: number, size: number): void {
  if (size > 0) writer.put(value < 0 ? value + (1 << size) - 1 : value, size)
}

const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value))

function putAc(writer: BitWriter, block: Float64Array, { factors, ac }: ComponentTables): void {
  let run = 0
  for (let k = 1; k < 64; k++) {
    const index = zigzag[k]!
    const value = Math.round(block[index]! * factors[index]!)
    if (value === 0) {
      run++
      continue
    }
    for (; run > 15; run -= 16) putCode(writer, ac[0xf0]!)
    const size = sizeOf(value)
    putCode(writer, ac[(run << 4) | size]!)
    putAmplitude(writer, value, size)
    run = 0
  }
  if (run > 0) putCode(writer, ac[0]!)
}

/**
 * @param maxBlocks the most blocks in one segment.
 */
export function createBlockCoder(quality: number, maxBlocks: number): BlockCoder {
  // No coefficient takes more than 16 + 11 bits; every byte may need stuffing.
  const writer = createBitWriter(maxBlocks * 64 * 8 + 16)
  const luma = componentTables('luma', quality)
  const chroma = componentTables('chroma', quality)
  const block = new Float64Array(64)
  const predictions = new Int32Array(3)

  function putDc(component: number, value: number, codes: Uint32Array): void {
    const difference = value - predictions[component]!
    predictions[component] = value
    const size = sizeOf(difference)
    putCode(writer, codes[size]!)
    putAmplitude(writer, difference, size)
  }

  return {
    begin() {
      predictions.fill(0)
      writer.begin()
    },
    code(component, samples, offset, stride) {
      const tables = component === 0 ? luma : chroma
      if (load(block, samples, offset, stride)) {
        putDc(component, Math.round(block[0]! * 64 * tables.factors[0]!), tables.dc)
        putCode(writer, tables.ac[0]!)
        return
      }
      forwardDct(block)
      putDc(component, Math.round(block[0]! * tables.factors[0]!), tables.dc)
      putAc(writer, block, tables)
    },
    end: writer.end,
  }
}
