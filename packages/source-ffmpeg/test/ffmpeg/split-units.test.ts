import { describe, expect, it } from 'vitest'
import { createUnitSplitter } from '../../src/ffmpeg/split-units.js'

const avcRecord = [1, 0x64, 0, 0x1e, 0xff, 0xe1, 0, 3, 0x67, 1, 2, 1, 0, 2, 0x68, 9, 0xfd, 0xf8, 0xf8, 0]
const hevcRecord = [1, ...new Array(20).fill(0), 3, 2, 0xa0, 0, 1, 0, 2, 0x40, 1, 0xa1, 0, 1, 0, 3, 0x42, 1, 7]
const split = (codec: 'h264' | 'hevc', data: readonly number[], extradataBytes = 0) =>
  createUnitSplitter(codec)(Uint8Array.from(data), extradataBytes).map((unit) => [...unit])

describe('createUnitSplitter', () => {
  it('cuts at start codes', () => {
    expect(split('h264', [0, 0, 0, 1, 0x67, 5, 0, 0, 1, 0x65, 6], 8)).toEqual([
      [0x67, 5],
      [0x65, 6],
    ])
  })

  it('takes the parameter sets of H.264 from the record before a key packet, and cuts by length', () => {
    expect(split('h264', [...avcRecord, 0, 0, 0, 2, 0x65, 1, 0, 0, 0, 1, 0x06], avcRecord.length)).toEqual([
      [0x67, 1, 2],
      [0x68, 9],
      [0x65, 1],
      [0x06],
    ])
  })

  it('takes the parameter sets of H.265 from the record before a key packet', () => {
    expect(split('hevc', [...hevcRecord, 0, 0, 0, 2, 0x26, 1], hevcRecord.length)).toEqual([
      [0x40, 1],
      [0x42, 1, 7],
      [0x26, 1],
    ])
  })

  it('remembers the form for packets without a record', () => {
    const splitter = createUnitSplitter('h264')
    splitter(Uint8Array.from([...avcRecord, 0, 0, 0, 1, 0x65]), avcRecord.length)
    expect(splitter(Uint8Array.from([0, 0, 0, 2, 0x41, 3]), avcRecord.length).map((unit) => [...unit])).toEqual([[0x41, 3]])
  })

  it('gives nothing for lengths that lead beyond the packet', () => {
    expect(split('h264', [...avcRecord, 0, 0, 9, 2, 0x65], avcRecord.length)).toEqual([])
  })

  it('survives a record that is cut off anywhere', () => {
    for (let length = 1; length < avcRecord.length; length++)
      expect(() => split('h264', [...avcRecord.slice(0, length), 0, 0], length)).not.toThrow()
    for (let length = 1; length < hevcRecord.length; length++)
      expect(() => split('hevc', [...hevcRecord.slice(0, length), 0, 0], length)).not.toThrow()
  })
})
