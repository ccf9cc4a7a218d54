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

/**
 * @param maxBlocks the most blocks in one segment.
 */
export function createBlockCoder(quality: number, maxBlocks: number): BlockCoder {
  // No coefficient takes more than 16 + 11 bits; every byte may need stuffing.
  const output = new Uint8Array(maxBlocks * 64 * 8 + 16)
  const luma = componentTables('luma', quality)
  const chroma = componentTables('chroma', quality)
  const block = new Float64Array(64)
  const predictions = new Int32Array(3)
  let length = 0
  let bits = 0
  let bitCount = 0

  function put(value: number, count: number): void {
    bits = (bits << count) | value
    bitCount += count
    while (bitCount >= 8) {
      bitCount -= 8
      const byte = (bits >>> bitCount) & 255
      output[length++] = byte
      if (byte === 255) output[length++] = 0
    }
    // Keeps the accumulator small enough for the next 16 bits.
    bits &= (1 << bitCount) - 1
  }

  function putCode(packed: number): void {
    put(packed >>> 5, packed & 31)
  }

  function putAmplitude(value: number, size: number): void {
    if (size > 0) put(value < 0 ? value + (1 << size) - 1 : value, size)
  }

  function putDc(component: number, value: number, codes: Uint32Array): void {
    const difference = value - predictions[component]!
    predictions[component] = value
    const size = 32 - Math.clz32(Math.abs(difference))
    putCode(codes[size]!)
    putAmplitude(difference, size)
  }

  function load(samples: Uint8Array, offset: number, stride: number): boolean {
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

  function putAc(factors: Float64Array, codes: Uint32Array): void {
    let run = 0
    for (let k = 1; k < 64; k++) {
      const index = zigzag[k]!
      const value = Math.round(block[index]! * factors[index]!)
      if (value === 0) {
        run++
        continue
      }
      for (; run > 15; run -= 16) putCode(codes[0xf0]!)
      const size = 32 - Math.clz32(Math.abs(value))
      putCode(codes[(run << 4) | size]!)
      putAmplitude(value, size)
      run = 0
    }
    if (run > 0) putCode(codes[0]!)
  }

  return {
    begin() {
      predictions.fill(0)
      length = 0
      bits = 0
      bitCount = 0
    },
    code(component, samples, offset, stride) {
      const { factors, dc, ac } = component === 0 ? luma : chroma
      if (load(samples, offset, stride)) {
        putDc(component, Math.round(block[0]! * 64 * factors[0]!), dc)
        putCode(ac[0]!)
        return
      }
      forwardDct(block)
      putDc(component, Math.round(block[0]! * factors[0]!), dc)
      putAc(factors, ac)
    },
    end() {
      if (bitCount > 0) put((1 << (8 - bitCount)) - 1, 8 - bitCount)
      return output.subarray(0, length)
    },
  }
}
