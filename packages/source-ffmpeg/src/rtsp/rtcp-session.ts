import { randomBytes } from 'node:crypto'
import type { EpochMs } from '@snapmint/core/adapter'
import { formatReceiverReport, parseSenderReport, type SenderReport } from './rtcp.js'
import type { RtpReceiver } from './rtp-receiver.js'

/** A report so old, in ms, says nothing any more: the two clocks have drifted apart, and the timestamps have wrapped. */
const maxReportAgeMs = 10 * 60_000

/**
 * The other half of an RTP stream: takes the sender's reports, which tell its clock, and writes ours, without which some servers end the session.
 * @param clockRate steps of RTP timestamps in a second.
 */
export function createRtcpSession(receiver: Pick<RtpReceiver, 'unwrap' | 'report' | 'source'>, clockRate: number) {
  const own = randomBytes(4).readUInt32BE()
  let last: { readonly report: SenderReport; readonly arrival: EpochMs; timestamp?: number } | undefined
  let before = { lost: 0, expected: 0 }

  return {
    /** Takes the compound packet `[start, end)`. */
    take(bytes: Buffer, start: number, end: number, arrival: EpochMs): void {
      const report = parseSenderReport(bytes, start, end)
      if (report !== undefined) last = { report, arrival }
    },
    /** The sender's own time of a unit, in ms since the Unix epoch; undefined as long as it is not known. */
    senderTimeOf(timestamp: number, arrival: EpochMs): EpochMs | undefined {
      if (last?.report.senderTime === undefined || arrival - last.arrival > maxReportAgeMs) return undefined
      if (last.report.source !== receiver.source()) return undefined
      last.timestamp ??= receiver.unwrap(last.report.timestamp)
      return last.report.senderTime + ((timestamp - last.timestamp) * 1000) / clockRate
    },
    /** Our report; undefined before the first packet. */
    report(now: EpochMs): Buffer | undefined {
      const reception = receiver.report()
      if (reception === undefined) return undefined
      const expected = reception.expectedPackets - before.expected
      const lost = reception.lostPackets - before.lost
      before = { lost: reception.lostPackets, expected: reception.expectedPackets }
      return formatReceiverReport({
        ...reception,
        receiver: own,
        lostShare: expected > 0 && lost > 0 ? lost / expected : 0,
        lastReport: last?.report.shortTime ?? 0,
        sinceLastReportMs: last === undefined ? 0 : now - last.arrival,
      })
    },
  }
}
