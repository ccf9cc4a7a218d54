import { describe, expect, it } from 'vitest'
import { createDamageFinder } from '../../src/decode/find-damage.js'

function verdict(lines: readonly string[], chunks: number): string | undefined {
  const finder = createDamageFinder()
  for (const line of lines) finder.take(line)
  return finder.verdict(chunks)
}

const summary = (read: number, decoded: number) =>
  `[verbose]   Input stream #0:0 (video): ${read} packets read (77193 bytes); ${decoded} frames decoded; `

describe('createDamageFinder', () => {
  it('finds nothing wrong where as many pictures came out as chunks went in', () => {
    expect(verdict([summary(20, 20)], 20)).toBeUndefined()
    expect(verdict([`${summary(20, 20)}0 decode errors (0.00%)`], 20)).toBeUndefined()
  })

  it.each([19, 21])('does not trust %d pictures of 20 chunks', (decoded) => {
    expect(verdict([summary(20, decoded)], 20)).toBe(`of its 20 chunks, ${decoded} gave a picture`)
  })

  it.each([
    '[h264 @ 0x55] [error] error while decoding MB 33 15, bytestream -39',
    '[h264 @ 0x55] [info] concealing 336 DC, 336 AC, 336 MV errors in P frame',
    '[warning] pipe:0: corrupt decoded frame in stream 0',
    '[vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] [warning] corrupt decoded frame',
    '[hevc @ 0x55] [error] Could not find ref with POC 7',
    '[h264 @ 0x55] [error] decode_slice_header error',
    '[hevc @ 0x55] [warning] Error parsing NAL unit #1.',
    '[h264 @ 0x55] [error] non-existing PPS 0 referenced',
  ])('does not trust pictures after %j', (line) => {
    expect(verdict([line, summary(20, 20)], 20)).toMatch(/^it is damaged: /)
  })
})
