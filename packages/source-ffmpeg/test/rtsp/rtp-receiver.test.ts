import { describe, expect, it } from 'vitest'
import { createRtpReceiver, type ReceivedUnit } from '../../src/rtsp/rtp-receiver.js'
import { avcFormat } from '../../src/video/avc-format.js'
import { hevcFormat } from '../../src/video/hevc-format.js'
import { createPacketizer, rtpPacket } from '../fixtures/rtp-packets.js'

const firstSlice = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, index) => (index === 0 ? 0x41 : index === 1 ? 0x9a : (index * seed) & 255))
const laterSlice = Uint8Array.of(0x41, 0x1a, 3)
const sps = Uint8Array.of(0x67, 0x42, 0xc0, 0x1e)

interface Received extends Omit<ReceivedUnit, 'units'> {
  readonly units: readonly (readonly number[])[]
}

function createBench(codec: 'H264' | 'H265' = 'H264') {
  const received: Received[] = []
  const log: string[] = []
  let clock = 999
  const receiver = createRtpReceiver({
    now: () => clock,
    track: { codec, payloadType: 96 },
    format: codec === 'H264' ? avcFormat : hevcFormat,
    onUnit: ({ units, ...rest }) => void received.push({ units: units.map((unit) => [...unit]), ...rest }),
    onLoss: (packets) => void log.push(`lost ${packets}`),
    onTakeover: () => void log.push('takeover'),
  })
  return {
    received,
    log,
    receiver,
    /** Hands packets over out of the middle of a larger piece of memory, as they come. */
    take(...packets: Buffer[]): void {
      for (const packet of packets) {
        const memory = Buffer.alloc(packet.length + 10, 0xee)
        packet.copy(memory, 5)
        clock += 1
        receiver.take(memory, 5, 5 + packet.length)
      }
    },
    conditions: () => received.map(({ condition }) => condition),
  }
}

describe('an RTP receiver', () => {
  it.each(['H264', 'H265'] as const)('puts NAL units of %s together again, whole, in fragments and in aggregates', (codec) => {
    const { received, take } = createBench(codec)
    const units =
      codec === 'H264'
        ? [sps, firstSlice(5000, 3)]
        : [
            Uint8Array.of(0x42, 1, 5, 6),
            Uint8Array.from({ length: 5000 }, (_, index) => (index < 2 ? ([0x02, 1][index] as number) : 0x80 | (index & 127))),
          ]
    const packetize = createPacketizer({ codec })
    take(...packetize(units, 0), ...packetize([units[1] as Uint8Array], 3600), ...packetize(units, 7200))
    expect(received.slice(0, 2).map((unit) => unit.units)).toEqual([
      units.map((unit) => [...unit]),
      [[...(units[1] as Uint8Array)]],
    ])
    expect(received.map(({ timestamp }) => timestamp)).toEqual([0, 3600, 7200])
  })

  it('takes aggregates apart (STAP-A)', () => {
    const { received, take } = createBench()
    const aggregate = Buffer.concat([Buffer.from([24, 0, 4]), sps, Buffer.from([0, 3]), laterSlice])
    take(rtpPacket(aggregate, { sequence: 1, timestamp: 0, marker: true }), rtpPacket(sps, { sequence: 2, timestamp: 1 }))
    expect(received[0]?.units).toEqual([[...sps], [...laterSlice]])
  })

  it.each([
    ['an aggregate that is cut', Buffer.concat([Buffer.from([24, 0, 9]), sps])],
    ['an aggregate of nothing', Buffer.from([24, 0, 0])],
    ['a fragment without its beginning', Buffer.from([28, 0x41, 9, 9])],
    ['a fragment of nothing', Buffer.from([28, 0x81])],
    ['a kind that does not occur', Buffer.from([30, 1, 2, 3])],
  ])('takes %s for damage', (_what, payload) => {
    const { conditions, take } = createBench()
    take(
      rtpPacket(payload, { sequence: 1, timestamp: 0, marker: true }),
      rtpPacket(firstSlice(5), { sequence: 2, timestamp: 3600, marker: true }),
    )
    take(rtpPacket(firstSlice(5), { sequence: 3, timestamp: 7200, marker: true }))
    expect(conditions()[0]).toBe('damaged')
  })

  it('ends a unit at the marker once that was right, and then does not wait for the next packet', () => {
    const { received, take } = createBench()
    take(rtpPacket(firstSlice(5), { sequence: 1, timestamp: 0, marker: true }))
    expect(received).toHaveLength(0)
    take(rtpPacket(firstSlice(5), { sequence: 2, timestamp: 3600, marker: true }))
    expect(received).toHaveLength(2)
    // Each arrived with its own last packet.
    expect(received.map(({ arrival }) => arrival)).toEqual([1000, 1001])
  })

  it('ends a unit whose marker was left out with the next one, and dates it not before the one before', () => {
    const { received, take, conditions } = createBench()
    take(
      ...[0, 1, 2, 3].map((index) => rtpPacket(firstSlice(5), { sequence: index, timestamp: index * 3600, marker: index !== 2 })),
    )
    expect(conditions()).toEqual(['after-loss', 'whole', 'whole', 'whole'])
    expect(received.map(({ arrival }) => arrival)).toEqual([1000, 1001, 1003, 1003])
  })

  it('does not take parameter sets with a marker for a picture', () => {
    const { received, take } = createBench()
    for (const timestamp of [0, 3600, 7200]) {
      take(rtpPacket(sps, { sequence: timestamp / 1800, timestamp, marker: true }))
      take(rtpPacket(firstSlice(5), { sequence: timestamp / 1800 + 1, timestamp, marker: true }))
    }
    expect(received.map(({ units }) => units.length)).toEqual([2, 2, 2])
  })

  it('does without markers that are on every slice', () => {
    const { received, take, conditions } = createBench()
    for (const timestamp of [0, 3600, 7200, 10_800]) {
      take(rtpPacket(firstSlice(5), { sequence: timestamp / 1800, timestamp, marker: true }))
      take(rtpPacket(laterSlice, { sequence: timestamp / 1800 + 1, timestamp, marker: true }))
    }
    expect(received.map(({ units }) => units.length)).toEqual([2, 2, 2])
    expect(conditions().slice(1)).toEqual(['whole', 'whole'])
  })

  it('finds out that markers have become wrong, and calls the rest of that picture damaged', () => {
    const { conditions, take } = createBench()
    take(...[0, 1, 2].map((index) => rtpPacket(firstSlice(5), { sequence: index, timestamp: index * 3600, marker: true })))
    take(
      rtpPacket(laterSlice, { sequence: 3, timestamp: 7200, marker: true }),
      rtpPacket(firstSlice(5), { sequence: 4, timestamp: 10_800 }),
    )
    expect(conditions()).toEqual(['after-loss', 'whole', 'whole', 'damaged'])
  })

  it.each([
    ['in the middle of a unit', 3, ['damaged']],
    ['at the end of a unit', 5, ['damaged', 'after-loss']],
  ])('tells which units a loss touched: %s', (_where, lostPacket, expected) => {
    const { conditions, log, take } = createBench()
    const packetize = createPacketizer({ maxBytes: 100 })
    take(...packetize([firstSlice(50)], 0), ...packetize([firstSlice(50)], 3600))
    const before = conditions().length
    const packets = [
      ...packetize([firstSlice(550)], 7200),
      ...packetize([firstSlice(550)], 10_800),
      ...packetize([firstSlice(50)], 14_400),
    ]
    take(...packets.filter((_, index) => index !== lostPacket))
    expect(log).toEqual(['lost 1'])
    expect(conditions().slice(before)).toEqual([...expected, ...['whole', 'whole', 'whole']].slice(0, 3))
  })

  it('counts on over the wrap of numbers and timestamps, and ignores what comes late or twice', () => {
    const { received, log, take } = createBench()
    const start = 2 ** 32 - 3600
    const packets = Array.from({ length: 6 }, (_, index) =>
      rtpPacket(firstSlice(5), { sequence: 65_533 + index, timestamp: start + index * 3600, marker: true }),
    )
    take(...packets.slice(0, 4), packets[2] as Buffer, ...packets.slice(4))
    expect(log).toEqual([])
    expect(received.map(({ timestamp }) => timestamp)).toEqual([0, 3600, 7200, 10_800, 14_400, 18_000])
  })

  it('goes on with another sender, and says so', () => {
    const { conditions, log, take, receiver } = createBench()
    take(...[0, 1, 2].map((index) => rtpPacket(firstSlice(5), { sequence: index, timestamp: index * 3600, marker: true })))
    take(rtpPacket(firstSlice(5), { sequence: 9000, timestamp: 5, source: 8, marker: true }))
    expect(log).toEqual(['takeover'])
    expect(conditions().at(-1)).toBe('after-loss')
    expect(receiver.report()).toEqual({ source: 8, highestSequence: 9000, lostPackets: 0, expectedPackets: 1 })
  })

  it('reads past contributing sources, extensions and padding, and leaves out what is not the stream', () => {
    const { received, take, receiver } = createBench()
    const plain = rtpPacket(firstSlice(5), { sequence: 1, timestamp: 0, marker: true })
    const dressed = Buffer.concat([
      plain.subarray(0, 12),
      Buffer.alloc(4),
      Buffer.from([1, 2, 0, 1, 9, 9, 9, 9]),
      plain.subarray(12),
      Buffer.from([0, 0, 3]),
    ])
    dressed[0] = 0x80 | 0x20 | 0x10 | 1
    take(dressed, rtpPacket(firstSlice(5), { sequence: 2, timestamp: 3600, marker: true }))
    expect(received[0]?.units).toEqual([[...firstSlice(5)]])
    for (const other of [Buffer.alloc(5), rtpPacket(sps, { sequence: 3, timestamp: 0, payloadType: 97 }), Buffer.alloc(20)])
      expect(receiver.take(other, 0, other.length)).toBe(false)
  })

  it('holds no access unit without end', () => {
    const { conditions, take } = createBench()
    const fragment = Buffer.alloc(60_000, 0x11)
    fragment[0] = 28
    for (let index = 0; index < 400; index++) {
      fragment[1] = index === 0 ? 0x81 : 1
      take(rtpPacket(fragment, { sequence: index, timestamp: 0 }))
    }
    take(rtpPacket(firstSlice(5), { sequence: 400, timestamp: 3600, marker: true }))
    expect(conditions()).toEqual(['damaged'])
  })
})
