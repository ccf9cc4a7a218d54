import { splitAnnexB } from '../video/annex-b.js'

/** What a decoder configuration record says (ISO/IEC 14496-15): `avcC`, `hvcC`. */
interface DecoderConfiguration {
  /** Length in bytes of what precedes each NAL unit. */
  readonly lengthBytes: number
  /** The parameter sets. */
  readonly sets: readonly Uint8Array[]
}

/**
 * Cuts packets of H.264 or H.265 into NAL units, in whichever of its two forms a container has them: each after a start code (MPEG-TS, RTP), or each after its length
 * (MP4, Matroska, FLV), the parameter sets being in a record of their own, which FFmpeg was told to put before key packets.
 * @returns views of `data`. None where it makes no sense.
 */
export function createUnitSplitter(codec: 'h264' | 'hevc'): (data: Uint8Array, extradataBytes: number) => Uint8Array[] {
  const parse = codec === 'h264' ? parseAvcConfiguration : parseHevcConfiguration
  let lengthBytes: number | undefined
  return (data, extradataBytes) => {
    const hasRecord = data[0] === 1 && extradataBytes > 0 && data.length > extradataBytes
    const record = hasRecord ? parse(data.subarray(0, extradataBytes)) : undefined
    if (record !== undefined) {
      lengthBytes = record.lengthBytes
      const units = splitByLength(data.subarray(extradataBytes), lengthBytes)
      return units.length === 0 ? [] : [...record.sets, ...units]
    }
    return lengthBytes === undefined ? splitAnnexB(data) : splitByLength(data, lengthBytes)
  }
}

function splitByLength(data: Uint8Array, lengthBytes: number): Uint8Array[] {
  const units: Uint8Array[] = []
  for (let at = 0; at < data.length; ) {
    let length = 0
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (data[at + i] ?? 0)
    at += lengthBytes
    if (at + length > data.length) return []
    if (length > 0) units.push(data.subarray(at, at + length))
    at += length
  }
  return units
}

/** Reads `count` units, each after its length in two bytes. @returns where it ends; undefined when the record is shorter. */
function readSets(record: Uint8Array, start: number, count: number, sets: Uint8Array[]): number | undefined {
  let at = start
  for (let n = 0; n < count; n++) {
    const length = uint16(record, at)
    at += 2 + length
    if (at > record.length) return undefined
    sets.push(record.subarray(at - length, at))
  }
  return at
}

/** ISO/IEC 14496-15, 5.3.3.1. */
function parseAvcConfiguration(record: Uint8Array): DecoderConfiguration | undefined {
  const sets: Uint8Array[] = []
  const afterSequence = readSets(record, 6, (record[5] ?? 0) & 31, sets)
  if (afterSequence === undefined || record.length < 7) return undefined
  if (readSets(record, afterSequence + 1, record[afterSequence] ?? 0, sets) === undefined) return undefined
  return { lengthBytes: ((record[4] ?? 0) & 3) + 1, sets }
}

/** ISO/IEC 14496-15, 8.3.3.1. */
function parseHevcConfiguration(record: Uint8Array): DecoderConfiguration | undefined {
  if (record.length < 23) return undefined
  const sets: Uint8Array[] = []
  let at = 23
  for (let array = 0; array < (record[22] ?? 0); array++) {
    const end = readSets(record, at + 3, uint16(record, at + 1), sets)
    if (end === undefined) return undefined
    at = end
  }
  return { lengthBytes: ((record[21] ?? 0) & 3) + 1, sets }
}

const uint16 = (data: Uint8Array, at: number) => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)
