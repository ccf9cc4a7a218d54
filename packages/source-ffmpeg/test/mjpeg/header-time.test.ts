import { describe, expect, it } from 'vitest'
import { createHeaderClock, readHeaderTime } from '../../src/mjpeg/header-time.js'

const head = (fields: Record<string, string>) => new Map(Object.entries(fields))

describe('readHeaderTime', () => {
  it.each([
    [{ 'x-timestamp': '1795000000.123456' }, { epochMs: 1_795_000_000_123.456 }],
    [{ 'x-timestamp': '1795000000123' }, { epochMs: 1_795_000_000_123 }],
    [{ 'x-timestamp': '1795000000123456' }, { epochMs: 1_795_000_000_123.456 }],
    [{ 'x-timestamp': '1795000000123456789' }, { epochMs: 1_795_000_000_123.4568 }],
    [{ 'x-timestamp': '12.345000' }, { mediaMs: 12_345 }],
    [{ 'x-timestamp': '0.000', 'x-time': '2013-03-15T10:51:44.314+04:00' }, { epochMs: 1_363_330_304_314 }],
    [{ 'x-time': '2026-11-21T10:00:00,5Z' }, { epochMs: 1_795_255_200_500 }],
    [{ date: 'Sat, 21 Nov 2026 10:00:00.250 GMT' }, { epochMs: 1_795_255_200_250 }],
  ])('reads %j', (fields, time) => {
    const read = readHeaderTime(head(fields as Record<string, string>)) as Record<string, number>
    expect(Object.keys(read)).toEqual(Object.keys(time))
    for (const [name, value] of Object.entries(time)) expect(read[name]).toBeCloseTo(value, 2)
  })

  it.each([
    { 'x-timestamp': '1795000000' },
    { 'x-timestamp': '123456' },
    { 'x-timestamp': '-1.5' },
    { 'x-timestamp': '1e3' },
    { 'x-timestamp': '' },
    { 'x-timestamp': '9'.repeat(25) },
    { date: 'Sat, 21 Nov 2026 10:00:00 GMT' },
    { date: 'Sat, 21 Nov 2026 10:00:00.250' },
    { date: 'yesterday at 10:00:00.5 GMT' },
    { 'x-time': '2026-11-21T10:00:00.5' },
    { camtim: '2004-05-18 Tue 10:13:05' },
    {},
  ])('makes nothing of %j', (fields) => {
    expect(readHeaderTime(head(fields as Record<string, string>))).toBeUndefined()
  })
})

describe('createHeaderClock', () => {
  const epoch = 1_795_000_000_000

  /** What is believed of the stamps of a camera of 25 frames a second. */
  function believe(stampOf: (index: number) => string, count = 60): (number | undefined)[] {
    const clock = createHeaderClock()
    return Array.from({ length: count }, (_, index) => {
      const { arrival, mediaMs, senderTime } = clock(head({ 'x-timestamp': stampOf(index) }), epoch + index * 40)
      expect(arrival).toBe(epoch + index * 40)
      return mediaMs ?? senderTime
    })
  }

  it('believes the time of the day at once', () => {
    const times = believe((index) => String(epoch - 50 + index * 40))
    expect(times).toEqual(times.map((_, index) => epoch - 50 + index * 40))
  })

  it('believes a clock of the camera when it has kept pace for a second', () => {
    const times = believe((index) => (5 + index * 0.04).toFixed(6))
    expect(times.slice(0, 25)).toEqual(Array(25).fill(undefined))
    expect(times.slice(26)).toEqual(times.slice(26).map((_, index) => 5000 + (index + 26) * 40))
  })

  it.each([
    ['stand still', () => '12.345'],
    ['tell the time since the last picture', (index: number) => (0.04 + (index % 3) * 0.001).toFixed(6)],
    ['run at another pace', (index: number) => (5 + index * 0.08).toFixed(6)],
    ['are out of order', (index: number) => `5.${index % 10}`],
  ])('never believes clocks that %s', (_name, stampOf) => {
    expect(new Set(believe(stampOf))).toEqual(new Set([undefined]))
  })

  it('loses faith in a time of the day that stands still, and finds it again a second after it goes on', () => {
    const times = believe((index) => String(epoch + (index < 10 ? index : index < 20 ? 9 : index) * 40), 80)
    expect(times.slice(0, 10)).not.toContain(undefined)
    expect(new Set(times.slice(10, 40))).toEqual(new Set([undefined]))
    expect(times.slice(-10)).not.toContain(undefined)
  })
})
