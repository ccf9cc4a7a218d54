import { parseAvcParameters } from './avc-parameters.js'
import { createBitReader, unescapePayload } from './bit-reader.js'
import type { FindParameters, PictureParameters, Slice, UnitKind, VideoFormat } from './video-format.js'
import { withinUnit } from './within-unit.js'

/** By nal_unit_type (ITU-T H.264, table 7-1). */
const kinds: Readonly<Record<number, UnitKind>> = {
  1: 'slice',
  5: 'slice',
  6: 'message',
  7: 'sequence-parameters',
  8: 'picture-parameters',
  9: 'delimiter',
  10: 'padding',
  11: 'padding',
  12: 'padding',
}
const instantRefresh = 5
/** The parts of slice headers that are read have at most so many bytes. */
const maxHeaderBytes = 48

const typeOf = (unit: Uint8Array) => (unit[0] ?? 0) & 31

/** H.264. */
export const avcFormat: VideoFormat = {
  name: 'H.264',
  headerBytes: 1,
  startsAtRecoveryPoint: true,
  kindOf: (unit) => kinds[typeOf(unit)] ?? 'other',
  idOf(unit, kind) {
    return kind === 'sequence-parameters' ? parseAvcParameters(unit)?.id : parsePicture(unit)?.id
  },
  parseSequence: parseAvcParameters,
  parsePicture,
  isKeySlice: (unit) => typeOf(unit) === instantRefresh,
  // first_mb_in_slice is ue(v): zero is a single set bit.
  isFirstSlice: (unit) => ((unit[1] ?? 0) & 0x80) !== 0,
  parseSlice: (unit, find) => withinUnit(() => parseSlice(unit, find)),
}

function parsePicture(unit: Uint8Array): PictureParameters | undefined {
  return withinUnit(() => {
    const reader = createBitReader(unescapePayload(unit, 1, 16))
    return { id: reader.unsigned(), sequenceId: reader.unsigned(), hasOutputFlag: false, extraBits: 0 }
  })
}

/** ITU-T H.264, 7.3.3. */
function parseSlice(unit: Uint8Array, find: FindParameters): Slice | undefined {
  const key = avcFormat.isKeySlice(unit)
  const reader = createBitReader(unescapePayload(unit, 1, maxHeaderBytes))
  reader.unsigned() // first_mb_in_slice
  const type = reader.unsigned() % 5
  const parameters = find(reader.unsigned())?.sequence
  if (parameters === undefined) return undefined
  const { separatePlanes, frameNumberBits, framesOnly, orderBits } = parameters.slice
  if (separatePlanes) reader.skip(2)
  reader.skip(frameNumberBits)
  const field = !framesOnly && reader.flag()
  if (field) reader.skip(1) // bottom_field_flag
  if (key) reader.unsigned() // idr_pic_id
  const order = orderBits === undefined ? undefined : reader.bits(orderBits)
  const intra = type === 2 || type === 4
  return { key, restartsOrder: key, intra, bidirectional: type === 1, field, order, parameters }
}
