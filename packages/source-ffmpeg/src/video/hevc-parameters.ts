import { type BitReader, createBitReader, unescapePayload } from './bit-reader.js'
import type { SequenceParameters } from './sequence-parameters.js'
import { withinUnit } from './within-unit.js'

const profileSpaces = ['', 'A', 'B', 'C']

/**
 * Reads an H.265 sequence parameter set (ITU-T H.265, 7.3.2.2 and 7.3.3).
 * @param unit the NAL unit, header included, no start code.
 * @returns undefined for one that is damaged.
 */
export function parseHevcParameters(unit: Uint8Array): SequenceParameters | undefined {
  return withinUnit(() => parse(createBitReader(unescapePayload(unit, 2))))
}

function parse(reader: BitReader): SequenceParameters {
  reader.skip(4) // sps_video_parameter_set_id
  const subLayers = reader.bits(3)
  reader.skip(1) // sps_temporal_id_nesting_flag
  const codec = readProfile(reader)
  skipSubLayerProfiles(reader, subLayers)
  const id = reader.unsigned()
  const chroma = reader.unsigned()
  const separatePlanes = chroma === 3 && reader.flag()
  const width = reader.unsigned()
  const height = reader.unsigned()
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1
  const unitY = chroma === 1 ? 2 : 1
  const [left, right, top, bottom] = reader.flag() ? readRectangle(reader) : [0, 0, 0, 0]
  reader.unsigned() // bit_depth_luma_minus8
  reader.unsigned() // bit_depth_chroma_minus8
  const orderBits = reader.unsigned() + 4
  const maxReorder = readReorder(reader, subLayers)
  const codedWidth = width - (left + right) * unitX
  const codedHeight = height - (top + bottom) * unitY
  if (!(codedWidth > 0 && codedHeight > 0)) throw new RangeError('The picture has no size')
  const slice = { frameNumberBits: 0, orderBits, separatePlanes, framesOnly: true }
  return { id, codec, codedWidth, codedHeight, maxReorder, slice }
}

/** The codec string after ISO/IEC 14496-15, E.3: `hvc1.1.6.L93.B0`. */
function readProfile(reader: BitReader): string {
  const space = profileSpaces[reader.bits(2)] as string
  const tier = reader.flag() ? 'H' : 'L'
  const profile = reader.bits(5)
  let compatibility = 0
  // Written with the bits in reverse order.
  for (let bit = 0; bit < 32; bit++) compatibility += reader.bits(1) * 2 ** bit
  const constraints = Array.from({ length: 6 }, () => reader.bits(8))
  const level = reader.bits(8)
  while (constraints.at(-1) === 0) constraints.pop()
  const parts = [`hvc1`, `${space}${profile}`, compatibility.toString(16), `${tier}${level}`]
  return [...parts, ...constraints.map((byte) => byte.toString(16))].join('.').toUpperCase().replace('HVC1', 'hvc1')
}

function skipSubLayerProfiles(reader: BitReader, count: number): void {
  if (count === 0) return
  const present = Array.from({ length: 8 }, () => ({ profile: reader.flag(), level: reader.flag() }))
  for (const { profile, level } of present.slice(0, count)) reader.skip((profile ? 88 : 0) + (level ? 8 : 0))
}

function readRectangle(reader: BitReader): [number, number, number, number] {
  return [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()]
}

/** sps_max_num_reorder_pics of the highest sub-layer. */
function readReorder(reader: BitReader, subLayers: number): number {
  let reorder = 0
  for (let layer = reader.flag() ? 0 : subLayers; layer <= subLayers; layer++) {
    reader.unsigned()
    reorder = reader.unsigned()
    reader.unsigned()
  }
  return reorder
}
