import assert from 'node:assert/strict'

/** NAL unit types: parameter sets, and pictures that decode alone. ITU-T H.264 table 7-1, H.265 table 7-1. */
const codecs = [
  {
    prefix: /^avc[13]\./,
    type: (header: number) => header & 0x1f,
    parameterSets: { 7: 'SPS', 8: 'PPS' } as Record<number, string>,
    // An IDR picture, or an intra picture that a recovery-point SEI declares a point to start from.
    decodesAlone: (types: readonly number[]) => types.includes(5) || types.includes(6),
    isPicture: (type: number) => type >= 1 && type <= 5,
  },
  {
    prefix: /^h(vc|ev)1\./,
    type: (header: number) => (header >> 1) & 0x3f,
    parameterSets: { 32: 'VPS', 33: 'SPS', 34: 'PPS' } as Record<number, string>,
    decodesAlone: (types: readonly number[]) => types.some((type) => type >= 16 && type <= 21),
    isPicture: (type: number) => type <= 31,
  },
]

/** The first byte of each NAL unit, found by its start code 00 00 01. */
function nalHeaders(bytes: Uint8Array): number[] {
  const headers: number[] = []
  for (let at = 0; at + 3 < bytes.length; at += 1) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue
    headers.push(bytes[at + 3] ?? 0)
    at += 3
  }
  return headers
}

/**
 * Checks that a chunk of H.264 or H.265 is in Annex B form, and that a key chunk brings its parameter sets before its picture.
 * Other codecs are left alone. @throws AssertionError
 */
export function expectAnnexB(codec: string, type: 'key' | 'delta', bytes: Uint8Array, what: string): void {
  const rules = codecs.find(({ prefix }) => prefix.test(codec))
  if (rules === undefined) return
  const zeros = bytes.findIndex((byte) => byte !== 0)
  assert.ok(
    zeros >= 2 && bytes[zeros] === 1,
    `${what} does not begin with the start code 00 00 01: ${codec} travels in Annex B form, not with length prefixes`,
  )
  const types = nalHeaders(bytes).map(rules.type)
  const firstPicture = types.findIndex(rules.isPicture)
  assert.ok(firstPicture >= 0, `${what} contains no picture: a chunk is one coded picture with what belongs to it`)
  if (type === 'delta') return
  const before = types.slice(0, firstPicture)
  for (const [nalType, name] of Object.entries(rules.parameterSets))
    assert.ok(
      before.includes(Number(nalType)),
      `${what} is a key chunk without ${name} before its picture: a run must decode by itself, so each key chunk brings its parameter sets`,
    )
  assert.ok(
    rules.decodesAlone(types),
    `${what} says \`type: 'key'\` but holds no picture that decodes alone (NAL unit types ${types.join(', ')})`,
  )
}
