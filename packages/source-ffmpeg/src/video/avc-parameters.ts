import { type BitReader, createBitReader, unescapePayload } from './bit-reader.js'
import type { SequenceParameters } from './sequence-parameters.js'
import { withinUnit } from './within-unit.js'

/** Profiles whose parameter sets tell the chroma format (ITU-T H.264, 7.3.2.1.1). */
const highProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]
const baselineProfile = 66
/** Aspect ratio written out. */
const extendedAspect = 255
/** More than the standard allows: not a parameter set. */
const maxListLength = 255

/**
 * Reads an H.264 sequence parameter set (ITU-T H.264, 7.3.2.1.1 and E.1.1).
 * @param unit the NAL unit, header included, no start code.
 * @returns undefined for one that is damaged.
 */
export function parseAvcParameters(unit: Uint8Array): SequenceParameters | undefined {
  return withinUnit(() => parse(createBitReader(unescapePayload(unit, 1))))
}

function parse(reader: BitReader): SequenceParameters {
  const profile = reader.bits(8)
  const constraints = reader.bits(8)
  const level = reader.bits(8)
  const id = reader.unsigned()
  const { chroma, separatePlanes } = highProfiles.includes(profile) ? readChroma(reader) : { chroma: 1, separatePlanes: false }
  const frameNumberBits = reader.unsigned() + 4
  const { orderType, orderBits } = readOrder(reader)
  reader.unsigned() // max_num_ref_frames
  reader.skip(1) // gaps_in_frame_num_value_allowed_flag
  const widthInMacroblocks = reader.unsigned() + 1
  const heightInUnits = reader.unsigned() + 1
  const framesOnly = reader.flag()
  if (!framesOnly) reader.skip(1) // mb_adaptive_frame_field_flag
  reader.skip(1) // direct_8x8_inference_flag
  const fieldFactor = framesOnly ? 1 : 2
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1
  const unitY = (chroma === 1 ? 2 : 1) * fieldFactor
  const [left, right, top, bottom] = reader.flag() ? readRectangle(reader) : [0, 0, 0, 0]
  const told = reader.flag() ? readReorder(reader) : undefined
  const codedWidth = widthInMacroblocks * 16 - (left + right) * unitX
  const codedHeight = heightInUnits * 16 * fieldFactor - (top + bottom) * unitY
  if (!(codedWidth > 0 && codedHeight > 0)) throw new RangeError('The picture has no size')
  return {
    id,
    codec: `avc1.${[profile, constraints, level].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`,
    codedWidth,
    codedHeight,
    maxReorder: orderType === 2 || profile === baselineProfile ? 0 : told,
    slice: { frameNumberBits, orderBits, separatePlanes, framesOnly },
  }
}

function readChroma(reader: BitReader): { chroma: number; separatePlanes: boolean } {
  const chroma = reader.unsigned()
  const separatePlanes = chroma === 3 && reader.flag()
  reader.unsigned() // bit_depth_luma_minus8
  reader.unsigned() // bit_depth_chroma_minus8
  reader.skip(1) // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) {
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64)
  }
  return { chroma: separatePlanes ? 0 : chroma, separatePlanes }
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8
  let next = 8
  for (let index = 0; index < size; index++) {
    if (next !== 0) next = (last + reader.signed() + 256) % 256
    if (next !== 0) last = next
  }
}

function readOrder(reader: BitReader): { orderType: number; orderBits: number | undefined } {
  const orderType = reader.unsigned()
  if (orderType === 0) return { orderType, orderBits: reader.unsigned() + 4 }
  if (orderType === 1) {
    reader.skip(1) // delta_pic_order_always_zero_flag
    reader.signed()
    reader.signed()
    const count = reader.unsigned()
    if (count > maxListLength) throw new RangeError('The cycle of picture orders is too long')
    for (let index = 0; index < count; index++) reader.signed()
  }
  return { orderType, orderBits: undefined }
}

function readRectangle(reader: BitReader): [number, number, number, number] {
  return [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()]
}

/** Passes over the video usability information up to max_num_reorder_frames, which is its last field but one. */
function readReorder(reader: BitReader): number | undefined {
  if (reader.flag() && reader.bits(8) === extendedAspect) reader.skip(32)
  if (reader.flag()) reader.skip(1) // overscan
  if (reader.flag()) {
    reader.skip(4)
    if (reader.flag()) reader.skip(24) // colour_description
  }
  if (reader.flag()) {
    reader.unsigned() // chroma_sample_loc_type
    reader.unsigned()
  }
  if (reader.flag()) reader.skip(65) // timing
  const hasNal = reader.flag()
  if (hasNal) skipHypotheticalDecoder(reader)
  const hasVcl = reader.flag()
  if (hasVcl) skipHypotheticalDecoder(reader)
  if (hasNal || hasVcl) reader.skip(1)
  reader.skip(1) // pic_struct_present_flag
  if (!reader.flag()) return undefined
  reader.skip(1) // motion_vectors_over_pic_boundaries_flag
  for (let field = 0; field < 4; field++) reader.unsigned()
  return reader.unsigned()
}

function skipHypotheticalDecoder(reader: BitReader): void {
  const count = reader.unsigned() + 1
  if (count > maxListLength) throw new RangeError('There are too many buffers')
  reader.skip(8)
  for (let index = 0; index < count; index++) {
    reader.unsigned()
    reader.unsigned()
    reader.skip(1)
  }
  reader.skip(20)
}
