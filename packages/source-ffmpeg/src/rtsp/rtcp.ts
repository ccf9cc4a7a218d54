import type { EpochMs } from '@snapmint/core/adapter'
import type { ReceptionReport } from './rtp-receiver.js'

const senderReport = 200
const receiverReport = 201
const sourceDescription = 202
/** Seconds from the epoch of NTP, 1900, to that of Unix. */
const ntpEpochSeconds = 2_208_988_800
/** NTP's seconds begin anew in 2036; what is before 1968 is after that. */
const ntpEraSeconds = 2 ** 32
const leastNtpSeconds = 2 ** 31
const canonicalName = 'snapmint'

/** What an RTCP sender report (RFC 3550, 6.4.1) says of the sender's clock. */
export interface SenderReport {
  /** Number of the RTP stream. */
  readonly source: number
  /** The sender's wall clock, in ms since the Unix epoch. Undefined for a sender that has none. */
  readonly senderTime: EpochMs | undefined
  /** The RTP timestamp of that moment. */
  readonly timestamp: number
  /** Middle bits of the NTP time, which receivers send back. */
  readonly shortTime: number
}

/** Finds the sender report in a compound packet `[start, end)`. */
export function parseSenderReport(bytes: Buffer, start: number, end: number): SenderReport | undefined {
  for (let position = start; position + 8 <= end; ) {
    if ((bytes[position] as number) >> 6 !== 2) return undefined
    const next = position + 4 + bytes.readUInt16BE(position + 2) * 4
    if (bytes[position + 1] === senderReport && position + 28 <= end && next <= end) {
      const seconds = bytes.readUInt32BE(position + 8)
      const fraction = bytes.readUInt32BE(position + 12)
      const unixSeconds = seconds - ntpEpochSeconds + (seconds < leastNtpSeconds ? ntpEraSeconds : 0)
      return {
        source: bytes.readUInt32BE(position + 4),
        senderTime: seconds === 0 ? undefined : unixSeconds * 1000 + (fraction * 1000) / 2 ** 32,
        timestamp: bytes.readUInt32BE(position + 16),
        shortTime: bytes.readUInt32BE(position + 10),
      }
    }
    position = next
  }
  return undefined
}

export interface ReceiverReportOptions extends ReceptionReport {
  /** Our own number. */
  readonly receiver: number
  /** Share of packets lost since the last report, from 0 to 1. */
  readonly lostShare: number
  /** {@link SenderReport.shortTime} of the last one; 0 when there was none. */
  readonly lastReport: number
  /** Since it came, in ms. */
  readonly sinceLastReportMs: number
}

/** A receiver report with a source description (RFC 3550, 6.4.2 and 6.5). The jitter is left at 0: nobody here measures it. */
export function formatReceiverReport(options: ReceiverReportOptions): Buffer {
  const { receiver, source, lostShare, lostPackets, highestSequence, lastReport, sinceLastReportMs } = options
  const report = Buffer.alloc(32)
  report.set([0x81, receiverReport, 0, 7])
  report.writeUInt32BE(receiver, 4)
  report.writeUInt32BE(source, 8)
  report.writeUInt32BE(((Math.min(255, Math.floor(lostShare * 256)) << 24) | Math.min(lostPackets, 0x7fffff)) >>> 0, 12)
  report.writeUInt32BE(highestSequence >>> 0, 16)
  report.writeUInt32BE(lastReport, 24)
  report.writeUInt32BE(lastReport === 0 ? 0 : Math.min(0xffffffff, Math.round((sinceLastReportMs * 65_536) / 1000)), 28)
  return Buffer.concat([report, describeReceiver(receiver)])
}

function describeReceiver(receiver: number): Buffer {
  // Items end with at least one zero byte, up to a multiple of four.
  const words = Math.ceil((4 + 2 + canonicalName.length + 1) / 4)
  const packet = Buffer.alloc(4 + words * 4)
  packet.set([0x81, sourceDescription, 0, words])
  packet.writeUInt32BE(receiver, 4)
  packet.set([1, canonicalName.length], 8)
  packet.write(canonicalName, 10, 'latin1')
  return packet
}
