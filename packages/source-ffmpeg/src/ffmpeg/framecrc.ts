/**
 * One line of FFmpeg's `framecrc` muxer (libavformat/framecrcenc.c), the index that runs beside the concatenated packets:
 * `stream, dts, pts, duration, size, checksum[, flags…]`, or a comment such as `#tb 0: 1/1000000`.
 */
export type FramecrcLine = FramecrcPacket | FramecrcComment

export interface FramecrcPacket {
  readonly kind: 'packet'
  /** In ticks of the time base; NaN when the packet has none. */
  readonly pts: number
  /** In ticks of the time base; 0 when unknown. */
  readonly duration: number
  readonly byteLength: number
  /** The demuxer saw that a part of it is missing or wrong. */
  readonly corrupt: boolean
}

export type FramecrcComment =
  | { readonly kind: 'time-base'; readonly msPerTick: number }
  | { readonly kind: 'size'; readonly codedWidth: number; readonly codedHeight: number }
  | { readonly kind: 'codec'; readonly codec: string }
  | { readonly kind: 'extradata'; readonly byteLength: number }

const packetLine = /^\d+,\s*-?\d+,\s*(-?\d+),\s*(-?\d+),\s*(\d+),\s*0x[0-9a-f]+(?:, F=0x([0-9a-f]+))?/i
const timeBaseLine = /^#tb 0: (\d+)\/(\d+)$/
const sizeLine = /^#dimensions 0: (\d+)x(\d+)$/
const codecLine = /^#codec_id 0: (\S+)$/
const extradataLine = /^#extradata 0:\s*(\d+)/

/** Below this a pts is `AV_NOPTS_VALUE` (−2⁶³) and not a time. */
const leastPts = -(2 ** 62)
/** `AV_PKT_FLAG_CORRUPT` (libavcodec/packet.h). The flags are left out of a line when they are those of a sound key packet. */
const corruptFlag = 2

/**
 * Parses one line without its line break. Comments that say nothing of use give undefined.
 * @throws Error when it is neither a comment nor a packet: the output is not that of framecrc.
 */
export function parseFramecrcLine(line: string): FramecrcLine | undefined {
  const packet = packetLine.exec(line)
  if (packet !== null) {
    const pts = Number(packet[1])
    const duration = Math.max(0, Number(packet[2]))
    const corrupt = (Number.parseInt(packet[4] ?? '0', 16) & corruptFlag) !== 0
    return { kind: 'packet', pts: pts < leastPts ? Number.NaN : pts, duration, byteLength: Number(packet[3]), corrupt }
  }
  if (line.startsWith('#') || line === '') return parseComment(line)
  throw new Error(`Not a line of framecrc: ${JSON.stringify(line.slice(0, 100))}`)
}

function parseComment(line: string): FramecrcComment | undefined {
  const timeBase = timeBaseLine.exec(line)
  if (timeBase !== null) return { kind: 'time-base', msPerTick: (Number(timeBase[1]) * 1000) / Number(timeBase[2]) }
  const size = sizeLine.exec(line)
  if (size !== null) return { kind: 'size', codedWidth: Number(size[1]), codedHeight: Number(size[2]) }
  const codec = codecLine.exec(line)?.[1]
  if (codec !== undefined) return { kind: 'codec', codec }
  const extradata = extradataLine.exec(line)?.[1]
  return extradata === undefined ? undefined : { kind: 'extradata', byteLength: Number(extradata) }
}
