import type { AccessUnitBuffer } from './access-unit-buffer.js'

/** Takes the payloads of RTP packets apart into NAL units. */
export interface RtpPayload {
  /** Takes the payload `[start, end)`. Returns false for what is no part of a whole access unit. */
  take(bytes: Buffer, start: number, end: number): boolean
  /** Whether a NAL unit has begun that is not complete. */
  isOpen(): boolean
  /** Forgets what is not complete: the access unit is over. */
  reset(): void
}

interface Layout {
  /** Length of a NAL unit's header, which a payload begins with too. */
  readonly headerBytes: number
  readonly typeOf: (bytes: Buffer, start: number) => number
  readonly aggregation: number
  readonly fragment: number
  /** Largest type of a NAL unit that travels alone in its packet. */
  readonly maxSingle: number
  /** Writes the header of the NAL unit whose first fragment begins at `start`. */
  readonly restoreHeader: (unit: AccessUnitBuffer, bytes: Buffer, start: number) => boolean
}

const startFlag = 0x80
const endFlag = 0x40

/** RFC 6184, packetization modes 0 and 1. */
const avcLayout: Layout = {
  headerBytes: 1,
  typeOf: (bytes, start) => (bytes[start] as number) & 31,
  aggregation: 24,
  fragment: 28,
  maxSingle: 23,
  restoreHeader: (unit, bytes, start) => unit.appendByte(((bytes[start] as number) & 0xe0) | ((bytes[start + 1] as number) & 31)),
}

/** RFC 7798, without decoding order numbers. */
const hevcLayout: Layout = {
  headerBytes: 2,
  typeOf: (bytes, start) => ((bytes[start] as number) >> 1) & 63,
  aggregation: 48,
  fragment: 49,
  maxSingle: 47,
  restoreHeader: (unit, bytes, start) =>
    unit.appendByte(((bytes[start] as number) & 0x81) | (((bytes[start + 2] as number) & 63) << 1)) &&
    unit.appendByte(bytes[start + 1] as number),
}

/** Writes what it takes into `unit`. */
export function createRtpPayload(codec: 'H264' | 'H265', unit: AccessUnitBuffer): RtpPayload {
  const layout = codec === 'H264' ? avcLayout : hevcLayout
  const { headerBytes } = layout
  let open = false

  function takeSingle(bytes: Buffer, start: number, end: number): boolean {
    return unit.begin() && unit.append(bytes, start, end)
  }

  function takeAggregate(bytes: Buffer, start: number, end: number): boolean {
    let position = start + headerBytes
    while (position < end) {
      if (position + 2 > end) return false
      const length = bytes.readUInt16BE(position)
      position += 2
      if (length < headerBytes || position + length > end) return false
      if (!takeSingle(bytes, position, position + length)) return false
      position += length
    }
    return true
  }

  function takeFragment(bytes: Buffer, start: number, end: number): boolean {
    if (end - start <= headerBytes + 1) return false
    const flags = bytes[start + headerBytes] as number
    const begins = (flags & startFlag) !== 0
    if (begins === open) return false
    open = (flags & endFlag) === 0
    if (begins && !(unit.begin() && layout.restoreHeader(unit, bytes, start))) return false
    return unit.append(bytes, start + headerBytes + 1, end)
  }

  return {
    take(bytes, start, end) {
      if (end - start < headerBytes) return false
      const type = layout.typeOf(bytes, start)
      if (type === layout.fragment) return takeFragment(bytes, start, end)
      if (open) return false
      if (type === layout.aggregation) return takeAggregate(bytes, start, end)
      return type <= layout.maxSingle && takeSingle(bytes, start, end)
    },
    isOpen: () => open,
    reset() {
      open = false
    },
  }
}
