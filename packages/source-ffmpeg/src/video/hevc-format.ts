import { createBitReader, unescapePayload } from './bit-reader.js'
import { parseHevcParameters } from './hevc-parameters.js'
import type { FindParameters, PictureParameters, Slice, UnitKind, VideoFormat } from './video-format.js'
import { withinUnit } from './within-unit.js'

/** By nal_unit_type (ITU-T H.265, table 7-1); below 32 are slices. */
const kinds: Readonly<Record<number, UnitKind>> = {
  32: 'video-parameters',
  33: 'sequence-parameters',
  34: 'picture-parameters',
  35: 'delimiter',
  36: 'padding',
  37: 'padding',
  38: 'padding',
  39: 'message',
}
/** Pictures that decode alone, of which the first six count their order anew. */
const firstRandomAccess = 16
const lastRestart = 20
const lastRandomAccess = 23
const instantRefresh = [19, 20]
/** The parts of slice headers that are read have at most so many bytes. */
const maxHeaderBytes = 48

const typeOf = (unit: Uint8Array) => ((unit[0] ?? 0) >> 1) & 63
/** Units of further layers are no part of the picture that is shown. */
const layerOf = (unit: Uint8Array) => (((unit[0] ?? 0) & 1) << 5) | ((unit[1] ?? 0) >> 3)

/** H.265. */
export const hevcFormat: VideoFormat = {
  name: 'H.265',
  headerBytes: 2,
  startsAtRecoveryPoint: false,
  kindOf(unit) {
    const type = typeOf(unit)
    if (layerOf(unit) > 0) return 'padding'
    return type < 32 ? 'slice' : (kinds[type] ?? 'other')
  },
  idOf(unit, kind) {
    if (kind === 'video-parameters') return (unit[2] ?? 0) >> 4
    return kind === 'sequence-parameters' ? parseHevcParameters(unit)?.id : parsePicture(unit)?.id
  },
  parseSequence: parseHevcParameters,
  parsePicture,
  isKeySlice: (unit) => typeOf(unit) >= firstRandomAccess && typeOf(unit) <= lastRandomAccess,
  isFirstSlice: (unit) => ((unit[2] ?? 0) & 0x80) !== 0,
  parseSlice: (unit, find) => withinUnit(() => parseSlice(unit, find)),
}

function parsePicture(unit: Uint8Array): PictureParameters | undefined {
  return withinUnit(() => {
    const reader = createBitReader(unescapePayload(unit, 2, 16))
    const id = reader.unsigned()
    const sequenceId = reader.unsigned()
    reader.skip(1) // dependent_slice_segments_enabled_flag
    return { id, sequenceId, hasOutputFlag: reader.flag(), extraBits: reader.bits(3) }
  })
}

/** ITU-T H.265, 7.3.6.1; only the first slice of a picture is read. */
function parseSlice(unit: Uint8Array, find: FindParameters): Slice | undefined {
  const nalType = typeOf(unit)
  const key = hevcFormat.isKeySlice(unit)
  const reader = createBitReader(unescapePayload(unit, 2, maxHeaderBytes))
  if (!reader.flag()) return undefined
  if (key) reader.skip(1) // no_output_of_prior_pics_flag
  const found = find(reader.unsigned())
  if (found === undefined) return undefined
  const { picture, sequence: parameters } = found
  reader.skip(picture.extraBits)
  const type = reader.unsigned()
  if (picture.hasOutputFlag) reader.skip(1)
  if (parameters.slice.separatePlanes) reader.skip(2)
  const order = instantRefresh.includes(nalType) ? 0 : reader.bits(parameters.slice.orderBits ?? 0)
  const restartsOrder = key && nalType <= lastRestart
  return { key, restartsOrder, intra: type === 2, bidirectional: type === 0, field: false, order, parameters }
}
