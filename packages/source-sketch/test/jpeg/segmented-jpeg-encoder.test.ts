import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSegmentedJpegEncoder } from '../../src/jpeg/segmented-jpeg-encoder.js'
import { createPlanes, fillRectangle, type Planes, parseColor } from '../../src/raster/planes.js'
import { decodeJpeg } from '../fixtures/decode-jpeg.js'

function encode(width: number, height: number, quality: number, canvas: Planes): Uint8Array {
  const encoder = createSegmentedJpegEncoder({ width, height, quality, canvas })
  const file = new Uint8Array(encoder.update())
  encoder.write(file)
  return file
}

/** Waves and noise: every block has all kinds of coefficients. */
function busy(width: number, height: number): Planes {
  const planes = createPlanes(width, height)
  for (const [n, { data, stride }] of [planes.luma, planes.cb, planes.cr].entries()) {
    for (let index = 0; index < data.length; index++) {
      const [x, y] = [index % stride, Math.floor(index / stride)]
      data[index] = 128 + 60 * Math.sin(x / (5 + n)) * Math.cos(y / 7) + (((index * 7919) % 31) - 15) * (n === 0 ? 3 : 1)
    }
  }
  return planes
}

function meanError(width: number, height: number, quality: number): number {
  const canvas = busy(width, height)
  const { data } = decodeJpeg(encode(width, height, quality, canvas), 1)
  let sum = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) sum += Math.abs(data[y * width + x]! - canvas.luma.data[y * canvas.luma.stride + x]!)
  }
  return sum / (width * height)
}

describe('the JPEG encoder', () => {
  it('is read back by libjpeg with little error, the less the higher the quality', () => {
    // Not above 95: the decoder's fast transform is the greater error there.
    const errors = [10, 30, 60, 80, 95].map((quality) => meanError(337, 211, quality))
    expect(errors).toEqual([...errors].sort((a, b) => b - a))
    expect(errors.at(-1)).toBeLessThan(2.5)
    expect(errors[3]).toBeLessThan(6)
  })

  it.each([1, 2, 10, 49, 50, 99, 100])('writes a file that decodes at quality %i', (quality) => {
    expect(decodeJpeg(encode(163, 121, quality, busy(163, 121)))).toMatchObject({ width: 163, height: 121 })
  })

  it('keeps colours', () => {
    const canvas = createPlanes(64, 64)
    fillRectangle(canvas, 0, 0, 64, 64, parseColor('#d1495b'))
    const { data } = decodeJpeg(encode(64, 64, 90, canvas))
    const expected = [0xd1, 0x49, 0x5b]
    for (const channel of [0, 1, 2]) expect(Math.abs(data[channel]! - expected[channel]!)).toBeLessThanOrEqual(4)
  })

  it('survives the wildest samples: full swings in every pixel', () => {
    const canvas = createPlanes(48, 48)
    for (const { data } of [canvas.luma, canvas.cb, canvas.cr]) {
      for (const n of data.keys()) data[n] = ((n * 48271) % 251) % 2 === 0 ? 255 : 0
    }
    expect(decodeJpeg(encode(48, 48, 100, canvas))).toMatchObject({ width: 48, height: 48 })
  })

  it('writes after any sequence of changes what a new encoder writes for the same picture', () => {
    const rectangle = fc.record({
      left: fc.integer({ min: 0, max: 90 }).map((n) => n * 2),
      top: fc.integer({ min: 0, max: 60 }).map((n) => n * 2),
      width: fc.integer({ min: 1, max: 40 }).map((n) => n * 2),
      height: fc.integer({ min: 1, max: 40 }).map((n) => n * 2),
      color: fc.integer({ min: 0, max: 0xffffff }).map((n) => parseColor(`#${n.toString(16).padStart(6, '0')}`)),
      frames: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(rectangle, { maxLength: 12 }), (changes) => {
        const [width, height] = [183, 117]
        const canvas = busy(width, height)
        const encoder = createSegmentedJpegEncoder({ width, height, quality: 75, canvas })
        encoder.update()
        for (const { left, top, color, frames, ...size } of changes) {
          fillRectangle(canvas, left, top, left + size.width, top + size.height, color)
          encoder.markDirty(left, top, left + size.width, top + size.height)
          if (frames) encoder.update()
        }
        const file = new Uint8Array(encoder.update())
        encoder.write(file)
        expect(Buffer.from(file).equals(encode(width, height, 75, canvas))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('shows a cover instead of the canvas where it was laid', () => {
    const canvas = createPlanes(96, 64)
    fillRectangle(canvas, 0, 0, 96, 64, parseColor('#ffffff'))
    const cover = createPlanes(32, 16)
    const encoder = createSegmentedJpegEncoder({ width: 96, height: 64, quality: 90, canvas })
    encoder.cover(48, 32, 32, 16, cover)
    fillRectangle(cover, 0, 0, 32, 16, parseColor('#000000'))
    const file = new Uint8Array(encoder.update())
    encoder.write(file)
    const { data } = decodeJpeg(file, 1)
    const isDark = (x: number, y: number): boolean => data[y * 96 + x]! < 30
    expect([isDark(47, 40), isDark(48, 32), isDark(79, 47), isDark(80, 40), isDark(60, 48)]).toEqual([
      false,
      true,
      true,
      false,
      false,
    ])
  })
})
