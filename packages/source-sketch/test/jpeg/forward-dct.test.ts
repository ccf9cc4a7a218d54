import { expect, it } from 'vitest'
import { dctScale, forwardDct } from '../../src/jpeg/forward-dct.js'

/** The definition: ITU-T T.81, A.3.3. */
function coefficient(samples: Float64Array, u: number, v: number): number {
  let sum = 0
  for (let n = 0; n < 64; n++) {
    const [x, y] = [n % 8, Math.floor(n / 8)]
    sum += samples[n]! * Math.cos(((2 * x + 1) * u * Math.PI) / 16) * Math.cos(((2 * y + 1) * v * Math.PI) / 16)
  }
  return (sum / 4) * (u === 0 ? Math.SQRT1_2 : 1) * (v === 0 ? Math.SQRT1_2 : 1)
}

it('the transform is the one of the standard, but for the factors it says', () => {
  const samples = Float64Array.from({ length: 64 }, (_, n) => ((n * 48271 + 11) % 255) - 128)
  const block = samples.slice()
  forwardDct(block)
  for (let n = 0; n < 64; n++) {
    const [u, v] = [n % 8, Math.floor(n / 8)]
    expect(block[n]! / (8 * dctScale[u]! * dctScale[v]!)).toBeCloseTo(coefficient(samples, u, v), 5)
  }
})
