import { describe, expect, it } from 'vitest'
import { createReorderBuffer } from '../../src/rtsp/reorder-buffer.js'
import { formatReceiverReport, parseSenderReport } from '../../src/rtsp/rtcp.js'
import { createRtcpSession } from '../../src/rtsp/rtcp-session.js'
import { rtpPacket, senderReport } from '../fixtures/rtp-packets.js'

function order(sequences: readonly number[], { at = (index: number) => index } = {}): number[] {
  const passed: number[] = []
  const buffer = createReorderBuffer((bytes) => void passed.push(bytes.readUInt16BE(2)))
  sequences.forEach((sequence, index) => {
    buffer.take(rtpPacket(new Uint8Array(4), { sequence, timestamp: 0 }), at(index))
  })
  return passed
}

describe('datagrams', () => {
  it('that overtook each other are put in order, over the wrap of their numbers too', () => {
    expect(order([65_534, 0, 65_535, 1, 4, 3, 2])).toEqual([65_534, 65_535, 0, 1, 2, 3, 4])
  })

  it('that come twice or too late are left out', () => {
    expect(order([5, 6, 6, 5, 7, 9, 9, 8, 10])).toEqual([5, 6, 7, 8, 9, 10])
  })

  it('do not wait long for one that is lost: neither for many others nor for long', () => {
    const many = [1, ...Array.from({ length: 40 }, (_, index) => index + 3)]
    expect(order(many)).toEqual(many)
    expect(order([1, 3, 4], { at: (index) => index * 101 })).toEqual([1, 3, 4])
  })

  it('of a sender that has begun anew pass at once', () => {
    expect(order([1, 2, 30_000, 30_001])).toEqual([1, 2, 30_000, 30_001])
  })
})

describe('an RTCP session', () => {
  const wall = Date.UTC(2026, 10, 21, 12)
  const source = 7
  const receiver = {
    unwrap: (timestamp: number) => timestamp,
    source: () => source,
    report: () => ({ source, highestSequence: 65_536 * 2 + 5, lostPackets: 3, expectedPackets: 30 }),
  }

  it('tells the sender’s time of a unit from the last report', () => {
    const session = createRtcpSession(receiver, 90_000)
    expect(session.senderTimeOf(0, 0)).toBeUndefined()
    const report = senderReport({ time: wall + 250, timestamp: 9000 })
    session.take(Buffer.concat([Buffer.alloc(3), report]), 3, 3 + report.length, 0)
    expect(session.senderTimeOf(9000 + 90_000, 1000)).toBeCloseTo(wall + 1250, 3)
    expect(session.senderTimeOf(0, 1000)).toBeCloseTo(wall + 150, 3)
    expect(session.senderTimeOf(0, 3_600_000)).toBeUndefined()
  })

  it('does not believe a clock that is not set, nor one of another stream', () => {
    for (const report of [
      senderReport({ time: wall, timestamp: 0, source: 99 }),
      senderReport({ time: -2_208_988_800_000, timestamp: 0 }),
    ]) {
      const session = createRtcpSession(receiver, 90_000)
      session.take(report, 0, report.length, 0)
      expect(session.senderTimeOf(0, 0)).toBeUndefined()
    }
  })

  it('reads times after 2036, when NTP begins anew', () => {
    const time = Date.UTC(2040, 0, 1)
    const report = senderReport({ time, timestamp: 1 })
    expect(parseSenderReport(report, 0, report.length)).toMatchObject({ senderTime: time, timestamp: 1, source: 7 })
  })

  it('finds the report behind others, and none in what is cut or foreign', () => {
    const report = senderReport({ time: wall, timestamp: 1 })
    const compound = Buffer.concat([Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 9]), report])
    expect(parseSenderReport(compound, 0, compound.length)?.senderTime).toBeCloseTo(wall, 3)
    for (let length = 0; length < report.length; length++) expect(parseSenderReport(report, 0, length)).toBeUndefined()
    expect(parseSenderReport(Buffer.alloc(60), 0, 60)).toBeUndefined()
  })

  it('reports what came, with the share of what was lost since the last time', () => {
    const session = createRtcpSession(receiver, 90_000)
    const first = session.report(0) as Buffer
    expect([...first.subarray(0, 4)]).toEqual([0x81, 201, 0, 7])
    expect(first.readUInt32BE(8)).toBe(7)
    expect(first[12]).toBe(Math.floor((3 / 30) * 256))
    expect(first.readUIntBE(13, 3)).toBe(3)
    expect(first.readUInt32BE(16)).toBe(65_536 * 2 + 5)
    expect(session.report(0)?.[12]).toBe(0)
    expect(first.length % 4).toBe(0)
    expect(first.readUInt16BE(34)).toBe((first.length - 32) / 4 - 1)
  })

  it('writes numbers that are too large as the largest', () => {
    const report = formatReceiverReport({
      ...receiver.report(),
      receiver: 1,
      lostPackets: 2 ** 30,
      lostShare: 1,
      lastReport: 5,
      sinceLastReportMs: 1e12,
    })
    expect(report.readUInt32BE(12)).toBe(0xff7fffff)
    expect(report.readUInt32BE(28)).toBe(0xffffffff)
  })
})
