import type { EpochMs } from '@snapmint/core/adapter'
import type { VideoFormat } from '../video/video-format.js'
import { createAccessUnitBuffer } from './access-unit-buffer.js'
import { createRtpPayload } from './rtp-payload.js'
import type { VideoTrack } from './session-description.js'

/** RFC 3550, A.1: a packet so many numbers ahead is one after a loss, one so many behind came late or twice; else the sender has begun anew. */
const maxDropout = 3000
const maxMisorder = 100
const headerBytes = 12

/** One access unit as it came in. */
export interface ReceivedUnit {
  /** Its NAL units; valid during the call. */
  readonly units: readonly Uint8Array[]
  /** `whole`; `after-loss`: it may be whole, but packets are missing right before it, as before the first; `damaged`: some of it is missing. */
  readonly condition: 'whole' | 'after-loss' | 'damaged'
  /** RTP timestamp, unwrapped. */
  readonly timestamp: number
  /** When its last packet was read. */
  readonly arrival: EpochMs
}

/** What a receiver report says (RFC 3550, 6.4.1). */
export interface ReceptionReport {
  readonly source: number
  readonly highestSequence: number
  readonly lostPackets: number
  readonly expectedPackets: number
}

export interface RtpReceiverOptions {
  readonly now: () => EpochMs
  readonly track: Pick<VideoTrack, 'codec' | 'payloadType'>
  readonly format: VideoFormat
  readonly onUnit: (unit: ReceivedUnit) => void
  /** Packets that never came. */
  readonly onLoss: (packets: number) => void
  /** Another sender goes on in the place of the first. */
  readonly onTakeover: () => void
}

/** Puts the packets of one RTP stream (RFC 3550) together into access units. An access unit ends with the marker bit, or where the timestamp changes. */
export function createRtpReceiver({ now, track, format, onUnit, onLoss, onTakeover }: RtpReceiverOptions) {
  const unit = createAccessUnitBuffer()
  const payload = createRtpPayload(track.codec, unit)
  let source: number | undefined
  /** Counts on where the packets' own numbers begin anew. */
  let nextSequence = 0
  let firstSequence = 0
  let lost = 0
  let timestamp = 0
  let unwrapped = 0
  let condition: ReceivedUnit['condition'] = 'whole'
  let lastArrival = 0
  let stamped = false
  /** Some cameras set the marker on every slice. So markers are believed once a first one was where its timestamp ended, and until one was not. */
  let markers: 'unproven' | 'proven' | 'wrong' = 'unproven'
  let marked = false
  let finishedTimestamp: number | undefined

  function finish(): void {
    const units = unit.units()
    if (payload.isOpen() || continuesLast(units)) condition = 'damaged'
    if (units.length > 0 || condition === 'damaged') {
      onUnit({ units, condition, timestamp: unwrapped, arrival: lastArrival })
      condition = 'whole'
    }
    unit.clear()
    payload.reset()
    stamped = false
  }

  /** Whether these are slices of a picture that was taken for complete at a marker. */
  function continuesLast(units: readonly Uint8Array[]): boolean {
    if (markers !== 'proven' || finishedTimestamp !== timestamp) return false
    const slice = units.find((one) => format.kindOf(one) === 'slice')
    if (slice === undefined || format.isFirstSlice(slice)) return false
    markers = 'wrong'
    return true
  }

  function begin(newTimestamp: number): void {
    if (marked && markers === 'unproven') markers = newTimestamp === timestamp ? 'wrong' : 'proven'
    if (newTimestamp === timestamp) return
    // The marker was left out: rather too late than the time of the unit before.
    if (!stamped) lastArrival = now()
    finish()
    marked = false
    unwrapped += (newTimestamp - timestamp) | 0
    timestamp = newTimestamp
  }

  /** Whether the packet is the next one, or one after a loss; not one that came before. */
  function follow(packetSource: number, sequence: number): boolean {
    const ahead = (sequence - nextSequence) & 0xffff
    if (packetSource !== source || (ahead >= maxDropout && ahead < 0x10000 - maxMisorder)) {
      if (source !== undefined && packetSource !== source) onTakeover()
      source = packetSource
      firstSequence = sequence
      nextSequence = sequence + 1
      lost = 0
      interrupt()
      return true
    }
    if (ahead >= maxDropout) return false
    if (ahead > 0) lose(ahead)
    nextSequence += ahead + 1
    return true
  }

  function lose(packets: number): void {
    lost += packets
    onLoss(packets)
    interrupt()
  }

  /** Something is missing before the packet in hand. */
  function interrupt(): void {
    condition = unit.isEmpty() && condition !== 'damaged' ? 'after-loss' : 'damaged'
  }

  function place(packetTimestamp: number): void {
    const between = condition === 'damaged' && packetTimestamp !== timestamp
    begin(packetTimestamp)
    // What is missing lies between two access units, or at an end of either: the new one may be whole.
    if (between) condition = 'after-loss'
  }

  function takePayload(bytes: Buffer, start: number, end: number): void {
    if (start >= end) return
    if (condition === 'damaged') return
    if (!payload.take(bytes, start, end)) condition = 'damaged'
  }

  /** Parameter sets alone are no picture, though some senders mark them. */
  function endAtMarker(): void {
    if (condition !== 'damaged' && !unit.units().some((one) => format.kindOf(one) === 'slice')) return
    marked = true
    if (markers !== 'proven') return
    finish()
    finishedTimestamp = timestamp
  }

  return {
    /** Takes the packet `[start, end)` of `bytes`, just read. Returns false for what is no packet of this stream. */
    take(bytes: Buffer, start: number, end: number): boolean {
      if (end - start < headerBytes) return false
      const flags = bytes[start] as number
      const second = bytes[start + 1] as number
      if (flags >> 6 !== 2 || (second & 127) !== track.payloadType) return false
      let payloadStart = start + headerBytes + (flags & 15) * 4
      if ((flags & 16) !== 0) {
        if (payloadStart + 4 > end) return false
        payloadStart += 4 + bytes.readUInt16BE(payloadStart + 2) * 4
      }
      const payloadEnd = (flags & 32) === 0 ? end : end - (bytes[end - 1] as number)
      const first = source === undefined
      if (!follow(bytes.readUInt32BE(start + 8), bytes.readUInt16BE(start + 2))) return true
      const packetTimestamp = bytes.readUInt32BE(start + 4)
      if (first) timestamp = packetTimestamp
      place(packetTimestamp)
      // The clock is asked for the packet that ends a unit only, where that is known to have the marker.
      if ((second & 128) !== 0 || markers !== 'proven') {
        lastArrival = now()
        stamped = true
      }
      takePayload(bytes, payloadStart, payloadEnd)
      if ((second & 128) !== 0) endAtMarker()
      return true
    },
    /** A timestamp of the stream (as a sender report has it), unwrapped like those of its units. */
    unwrap: (other: number): number => unwrapped + ((other - timestamp) | 0),
    /** The number of the stream; undefined before the first packet. */
    source: () => source,
    report(): ReceptionReport | undefined {
      if (source === undefined) return undefined
      return { source, highestSequence: nextSequence - 1, lostPackets: lost, expectedPackets: nextSequence - firstSequence }
    },
  }
}

export type RtpReceiver = ReturnType<typeof createRtpReceiver>
