/**
 * In-place 8×8 forward cosine transform after Arai, Agui and Nakajima: five multiplications a row. The result lacks the factors
 * of {@link dctScale}, which belong into the quantisation.
 */
export function forwardDct(block: Float64Array): void {
  for (let row = 0; row < 64; row += 8) transform(block, row, 1)
  for (let column = 0; column < 8; column++) transform(block, column, 8)
}

/** Factor by which {@link forwardDct} is too large in row or column `n`, without the common 8. */
export const dctScale = [1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.5411961, 0.275899379] as const

function transform(block: Float64Array, start: number, step: number): void {
  const i1 = start + step
  const i2 = i1 + step
  const i3 = i2 + step
  const i4 = i3 + step
  const i5 = i4 + step
  const i6 = i5 + step
  const i7 = i6 + step
  const d0 = block[start]!
  const d1 = block[i1]!
  const d2 = block[i2]!
  const d3 = block[i3]!
  const d4 = block[i4]!
  const d5 = block[i5]!
  const d6 = block[i6]!
  const d7 = block[i7]!

  const even0 = d0 + d7 + (d3 + d4)
  const even3 = d0 + d7 - (d3 + d4)
  const even1 = d1 + d6 + (d2 + d5)
  const even2 = d1 + d6 - (d2 + d5)
  const z1 = (even2 + even3) * Math.SQRT1_2
  block[start] = even0 + even1
  block[i4] = even0 - even1
  block[i2] = even3 + z1
  block[i6] = even3 - z1

  const odd0 = d3 - d4 + (d2 - d5)
  const odd1 = d2 - d5 + (d1 - d6)
  const odd2 = d1 - d6 + (d0 - d7)
  const z5 = (odd0 - odd2) * 0.382683433
  const z2 = 0.5411961 * odd0 + z5
  const z4 = 1.306562965 * odd2 + z5
  const z3 = odd1 * Math.SQRT1_2
  const z11 = d0 - d7 + z3
  const z13 = d0 - d7 - z3
  block[i5] = z13 + z2
  block[i3] = z13 - z2
  block[i1] = z11 + z4
  block[i7] = z11 - z4
}
