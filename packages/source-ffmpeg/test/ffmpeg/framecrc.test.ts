import { describe, expect, it } from 'vitest'
import { parseFramecrcLine } from '../../src/ffmpeg/framecrc.js'

describe('parseFramecrcLine', () => {
  it('reads pts, duration and size of a packet', () => {
    const line = '0, 1795226535337720, 1795226535337721,    40000,    15111, 0x3dcb8d42, S=1,        8'
    expect(parseFramecrcLine(line)).toEqual({
      kind: 'packet',
      pts: 1795226535337721,
      duration: 40000,
      byteLength: 15111,
      corrupt: false,
    })
  })

  it('reads a negative pts, and takes the least one for none', () => {
    expect(parseFramecrcLine('0, -80, -80, 40, 5, 0x0')).toMatchObject({ pts: -80 })
    expect(parseFramecrcLine('0, 0, -9223372036854775808, 40, 5, 0x0')).toMatchObject({ pts: Number.NaN })
  })

  it('reads the time base in ms and the size of the pictures', () => {
    expect(parseFramecrcLine('#tb 0: 1/1000000')).toEqual({ kind: 'time-base', msPerTick: 0.001 })
    expect(parseFramecrcLine('#dimensions 0: 640x360')).toEqual({ kind: 'size', codedWidth: 640, codedHeight: 360 })
  })

  it('reads the codec and the length of what precedes key packets', () => {
    expect(parseFramecrcLine('#codec_id 0: h264')).toEqual({ kind: 'codec', codec: 'h264' })
    expect(parseFramecrcLine('#extradata 0:       44, 0x22de0e7d')).toEqual({ kind: 'extradata', byteLength: 44 })
  })

  it.each([
    ['0, 0, 0, 3600, 5, 0x3dcb8d42', false],
    ['0, 0, 0, 3600, 5, 0x3dcb8d42, F=0x0, S=1,        1', false],
    ['0, 0, 0, 3600, 5, 0x3dcb8d42, F=0x2', true],
    ['0, 0, 0, 3600, 5, 0x3dcb8d42, F=0x3, S=1,        1', true],
  ])('sees that %j is damaged: %j', (line, corrupt) => {
    expect(parseFramecrcLine(line)).toMatchObject({ corrupt })
  })

  it('passes over other comments and empty lines', () => {
    for (const line of ['#software: Lavf59.27.100', '#sar 0: 1/1', '']) expect(parseFramecrcLine(line)).toBeUndefined()
  })

  it.each(['frame=1', '0, 1, 2', '0, a, b, c, d, e'])('refuses %j', (line) => {
    expect(() => parseFramecrcLine(line)).toThrow('Not a line of framecrc')
  })
})
