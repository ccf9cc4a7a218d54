/**
 * One line of FFmpeg's `framecrc` muxer (libavformat/framecrcenc.c), the index that runs beside the concatenated packets:
 * `stream, dts, pts, duration, size, checksum[, flags…]`, or a comment such as `#tb 0: 1/1000000`.
 */
export type FramecrcLine =
  | {
      readonly kind: 'packet'
      /** In ticks of the time base; NaN when the packet has none. */
      readonly pts: number
      /** In ticks of the time base; 0 when unknown. */
      readonly duration: number
      readonly byteLength: number
    }
  | { readonly kind: 'time-base'; readonly msPerTick: number }
  | { readonly kind: 'size'; readonly codedWidth: number; readonly codedHeight: number }

const packetLine = /^\d+,\s*-?\d+,\s*(-?\d+),\s*(-?\d+),\s*(\d+),/
const timeBaseLine = /^#tb 0: (\d+)\/(\d+)$/
const sizeLine = /^#dimensions 0: (\d+)x(\d+)$/

/** Below this a pts is `AV_NOPTS_VALUE` (−2⁶³) and not a time. */
const leastPts = -(2 ** 62)

/**
 * Parses one line without its line break. Comments that say nothing of use give undefined.
 * @throws Error when it is neither a comment nor a packet: the output is not that of framecrc.
 */
export function parseFramecrcLine(line: string): FramecrcLine | undefined {
  const packet = packetLine.exec(line)
  if (packet !== null) {
    const pts = Number(packet[1])
    const duration = Math.max(0, Number(packet[2]))
    return { kind: 'packet', pts: pts < leastPts ? Number.NaN : pts, duration, byteLength: Number(packet[3]) }
  }
  const timeBase = timeBaseLine.exec(line)
  if (timeBase !== null) return { kind: 'time-base', msPerTick: (Number(timeBase[1]) * 1000) / Number(timeBase[2]) }
  const size = sizeLine.exec(line)
  if (size !== null) return { kind: 'size', codedWidth: Number(size[1]), codedHeight: Number(size[2]) }
  if (line.startsWith('#') || line === '') return undefined
  throw new Error(`Not a line of framecrc: ${JSON.stringify(line.slice(0, 100))}`)
}
