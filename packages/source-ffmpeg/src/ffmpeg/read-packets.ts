import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { type FramecrcComment, type FramecrcPacket, parseFramecrcLine } from './framecrc.js'
import { createPacketPairing } from './pair-packets.js'
import { createLineSplitter } from './split-lines.js'

/** What FFmpeg says of its output before the first packet. */
export interface StreamHead {
  /** FFmpeg's name of the codec: `h264`, `hevc`, `mjpeg`. */
  readonly codec?: string | undefined
  readonly codedWidth?: number | undefined
  readonly codedHeight?: number | undefined
  readonly msPerTick: number
  /** Length of what a decoder has to know in advance; FFmpeg was told to put it before key packets. 0 when there is none. */
  readonly extradataBytes: number
}

/** One packet as FFmpeg handed it over. */
export interface Packet {
  /** NaN when unknown. */
  readonly ptsMs: number
  /** 0 when unknown. */
  readonly durationMs: number
  readonly data: Uint8Array<ArrayBuffer>
  /** The demuxer saw that a part of it is missing or wrong. */
  readonly corrupt: boolean
  readonly stream: StreamHead
}

type Entry = FramecrcPacket & { readonly stream: StreamHead }

/** Bytes without an index entry: far more than any picture has. */
const maxPendingBytes = 256 * 2 ** 20
/** Entries without their bytes: FFmpeg writes the bytes first. */
const maxPendingEntries = 10_000

/**
 * Joins descriptor 1, the packets, with descriptor 3, their index.
 * @param fail told once when the two make no sense together: the end of a sentence.
 * @returns the pipes.
 */
export function readPackets(child: ChildProcess, onPacket: (packet: Packet) => void, fail: (reason: string) => void): Readable[] {
  const bytes = child.stdout as Readable
  const index = child.stdio[3] as Readable
  let stream: StreamHead = { msPerTick: 1, extradataBytes: 0 }

  const pairing = createPacketPairing<Entry>(({ pts, duration, corrupt, stream: { msPerTick }, stream: head }, data) =>
    onPacket({ ptsMs: pts * msPerTick, durationMs: duration * msPerTick, data, corrupt, stream: head }),
  )
  const splitter = createLineSplitter((text) => {
    const line = parseFramecrcLine(text)
    if (line?.kind !== 'packet') stream = amend(stream, line)
    else if (line.byteLength > maxPendingBytes) throw new RangeError('No picture is so large')
    else pairing.pushEntry({ ...line, stream })
  })
  bytes.on('error', ignore).on('data', (chunk: Uint8Array) => {
    pairing.pushBytes(chunk)
    if (pairing.pendingBytes() > maxPendingBytes) fail('it wrote pictures without saying their size')
  })
  index.setEncoding('latin1').on('error', ignore)
  index.on('data', (text: string) => {
    try {
      splitter.push(text)
    } catch {
      fail('its index of pictures cannot be read')
    }
    if (pairing.pendingEntries() > maxPendingEntries) fail('it announced pictures without writing them')
  })
  return [bytes, index]
}

function amend(stream: StreamHead, line: FramecrcComment | undefined): StreamHead {
  switch (line?.kind) {
    case undefined:
      return stream
    case 'time-base':
      return { ...stream, msPerTick: line.msPerTick }
    case 'size':
      // 0 is FFmpeg's word for unknown.
      return { ...stream, codedWidth: line.codedWidth || undefined, codedHeight: line.codedHeight || undefined }
    case 'codec':
      return { ...stream, codec: line.codec }
    case 'extradata':
      return { ...stream, extradataBytes: line.byteLength }
  }
}

function ignore(): void {}
