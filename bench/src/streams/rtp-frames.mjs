import { counterNal, counterOffset, writeCounter } from './frame-counter.mjs'

const maxPayloadBytes = 1400
const ssrc = 0x5eed

/**
 * NAL units of an Annex B stream, without their start codes.
 * @param {Buffer} data
 */
export function splitNals(data) {
  const starts = []
  for (let at = data.indexOf('\0\0\x01', 0, 'latin1'); at >= 0; at = data.indexOf('\0\0\x01', at + 3, 'latin1')) starts.push(at)
  return starts.map((start, index) => {
    let end = starts[index + 1] ?? data.length
    while (end > start && data[end - 1] === 0) end -= 1
    return data.subarray(start + 3, end)
  })
}

/** @param {Buffer} nal */
const typeOf = (nal) => (nal[0] ?? 0) & 0x1f

/**
 * Access units, each with its number in front of its first slice.
 * @param {readonly Buffer[]} nals
 */
export function accessUnits(nals) {
  /** @type {Buffer[][]} */
  const units = []
  /** @type {Buffer[]} */
  let head = []
  for (const nal of nals) {
    const isSlice = typeOf(nal) === 1 || typeOf(nal) === 5
    if (!isSlice) {
      if (typeOf(nal) === 7 || typeOf(nal) === 8) head.push(nal)
      continue
    }
    // first_mb_in_slice is 0, an Exp-Golomb code of one bit.
    if (((nal[1] ?? 0) & 0x80) !== 0) units.push([...head, counterNal(), nal])
    else units.at(-1)?.push(nal)
    head = []
  }
  return units
}

/**
 * @param {Buffer} payload
 * @param {boolean} last of its access unit
 */
function packet(payload, last) {
  const bytes = Buffer.alloc(16 + payload.length)
  bytes[0] = 0x24
  bytes.writeUInt16BE(12 + payload.length, 2)
  bytes[4] = 0x80
  bytes[5] = (last ? 0x80 : 0) | 96
  bytes.writeUInt32BE(ssrc, 12)
  payload.copy(bytes, 16)
  return bytes
}

/**
 * The packets of a NAL unit: itself, or fragments (FU-A, RFC 6184, 5.8).
 * @param {Buffer} nal
 * @param {boolean} last
 */
function packets(nal, last) {
  if (nal.length <= maxPayloadBytes) return [packet(nal, last)]
  const list = []
  const indicator = ((nal[0] ?? 0) & 0xe0) | 28
  for (let at = 1; at < nal.length; at += maxPayloadBytes - 2) {
    const part = nal.subarray(at, at + maxPayloadBytes - 2)
    const ends = at + part.length >= nal.length
    const header = (at === 1 ? 0x80 : 0) | (ends ? 0x40 : 0) | typeOf(nal)
    list.push(packet(Buffer.concat([Buffer.from([indicator, header]), part]), last && ends))
  }
  return list
}

/**
 * A stream as RTP packets, interleaved as over TCP (RFC 2326, 10.12), one buffer for each picture. Their numbers and times are written when they are sent.
 * @param {Buffer} data Annex B
 */
export function createRtpStream(data) {
  const frames = accessUnits(splitNals(data)).map((nals) => {
    const parts = nals.flatMap((nal, index) => packets(nal, index === nals.length - 1))
    const bytes = Buffer.concat(parts)
    const offsets = parts.map((_, index) => parts.slice(0, index).reduce((sum, part) => sum + part.length, 0))
    return { bytes, offsets, counterAt: counterOffset(bytes) }
  })
  let sequence = 1000
  return {
    frames: frames.length,
    /**
     * The packets of picture `index`. Valid until the same picture of the next round.
     * @param {number} index
     * @param {number} frameRate
     */
    next(index, frameRate) {
      const { bytes, offsets, counterAt } = /** @type {(typeof frames)[number]} */ (frames[index % frames.length])
      const time = Math.round((index * 90_000) / frameRate) >>> 0
      for (const offset of offsets) {
        bytes.writeUInt16BE(sequence, offset + 6)
        bytes.writeUInt32BE(time, offset + 8)
        sequence = (sequence + 1) & 0xffff
      }
      writeCounter(bytes, counterAt, index)
      return bytes
    },
  }
}

/**
 * A sender report (RFC 3550, 6.4.1) on channel 1.
 * @param {number} epochMs
 * @param {number} rtpTime
 */
export function senderReport(epochMs, rtpTime) {
  const bytes = Buffer.alloc(4 + 28)
  bytes.set([0x24, 1, 0, 28, 0x80, 200, 0, 6])
  bytes.writeUInt32BE(ssrc, 8)
  bytes.writeUInt32BE(Math.floor(epochMs / 1000) + 2_208_988_800, 12)
  bytes.writeUInt32BE(Math.floor(((epochMs % 1000) / 1000) * 2 ** 32), 16)
  bytes.writeUInt32BE(rtpTime >>> 0, 20)
  return bytes
}
