import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawTimeCode, type PixelImage, readTimeCode, readTimeCodeFromJpeg, timeCodeArea } from '../../src/index.js'
import { decodeJpeg, encodeJpeg } from '../fixtures/decode-jpeg.js'

const latest = 2 ** 44 - 1
const now = 1_795_252_983_123

function coded<Channels extends 1 | 3 | 4 = 1>(width: number, height: number, time: number, channels = 1 as Channels) {
  const data = new Uint8Array(width * height * channels).fill(90)
  drawTimeCode({ data, width, height }, time)
  return { data, width, height, channels }
}

/** The mean of each group of pixels, as a good scaler does it. */
function shrink({ data, width, height }: PixelImage, factor: number) {
  const small = {
    data: new Uint8Array(Math.floor(width / factor) * Math.floor(height / factor)),
    width: Math.floor(width / factor),
    height: Math.floor(height / factor),
  }
  small.data.forEach((_, n) => {
    let sum = 0
    for (let k = 0; k < factor * factor; k++) {
      const x = (n % small.width) * factor + (k % factor)
      const y = Math.floor(n / small.width) * factor + Math.floor(k / factor)
      sum += data[y * width + x]!
    }
    small.data[n] = sum / factor ** 2
  })
  return small
}

const sizes = fc.tuple(fc.integer({ min: 160, max: 700 }), fc.integer({ min: 120, max: 500 }))
const times = fc.oneof(fc.integer({ min: 0, max: latest }), fc.constantFrom(0, 1, latest, now))

describe('the time code', () => {
  it('is read as it was drawn, in pictures of any size and number of channels', () => {
    fc.assert(
      fc.property(sizes, times, fc.constantFrom(1 as const, 3 as const, 4 as const), ([width, height], time, channels) => {
        expect(readTimeCode(coded(width, height, time, channels))).toBe(time)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    [160, 120],
    [640, 360],
    [1280, 720],
    [1920, 1080],
    [3840, 2160],
    [2160, 3840],
    [3840, 130],
    [161, 2000],
  ])('fits %i × %i: within the picture, on the grid of the codecs', (width, height) => {
    const area = timeCodeArea(width, height)
    expect(area.left % 16).toBe(0)
    expect(area.top % 16).toBe(0)
    expect(area.cell % 8).toBe(0)
    expect(area.left).toBeGreaterThanOrEqual(0)
    expect(area.left + area.width).toBeLessThanOrEqual(width)
    expect(area.top + area.height).toBeLessThanOrEqual(height)
    expect(readTimeCode(coded(width, height, now))).toBe(now)
  })

  it.each([5, 10, 30, 60])('survives JPEG of quality %i at any size', (quality) => {
    for (const [width, height] of [
      [160, 120],
      [321, 243],
      [1280, 720],
    ] as const) {
      expect(readTimeCodeFromJpeg(encodeJpeg(coded(width, height, now, 4), quality))).toBe(now)
    }
  })

  it('survives scaling to a half, a third and a quarter', () => {
    expect(readTimeCode(shrink(coded(1280, 720, now), 2))).toBe(now)
    expect(readTimeCode(shrink(coded(1920, 1080, now), 2))).toBe(now)
    expect(readTimeCode(shrink(coded(1920, 1080, now), 3))).toBe(now)
    expect(readTimeCode(shrink(coded(3840, 2160, now), 4))).toBe(now)
  })

  it('survives little contrast and changed brightness', () => {
    const image = coded(320, 240, now)
    expect(readTimeCode({ ...image, data: image.data.map((value) => 100 + value * 0.3) })).toBe(now)
    expect(readTimeCode({ ...image, data: image.data.map((value) => 16 + value * 0.859) })).toBe(now)
  })

  it('is not there in pictures without one: plain, noise, inverted, or coded elsewhere', () => {
    const [width, height] = [320, 240]
    expect(readTimeCode({ data: new Uint8Array(width * height), width, height })).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 160 * 120, maxLength: 160 * 120 }), (data) => {
        expect(readTimeCode({ data, width: 160, height: 120 })).toBeUndefined()
      }),
      { numRuns: 40 },
    )
    const image = coded(width, height, now)
    expect(readTimeCode({ ...image, data: image.data.map((value) => 255 - value) })).toBeUndefined()
    expect(readTimeCode({ ...image, data: image.data.slice().reverse() })).toBeUndefined()
    expect(readTimeCode({ data: image.data.subarray(0, width * 200), width, height: 200 })).toBeUndefined()
  })

  it('is not there in pictures too small for one', () => {
    expect(readTimeCode({ data: new Uint8Array(30 * 20), width: 30, height: 20 })).toBeUndefined()
  })

  it('is never misread when pixels are damaged', () => {
    fc.assert(
      fc.property(times, fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (time, seed, share) => {
        const image = coded(160, 120, time)
        let state = seed
        image.data.forEach((value, n) => {
          state = (Math.imul(state, 1664525) + 1013904223) | 0
          if ((state >>> 8) / 2 ** 24 < share) image.data[n] = 255 - value
        })
        const read = readTimeCode(image)
        expect(read === undefined || read === time).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  it('is never misread when whole cells are flipped, and not read at all when any is', () => {
    const { left, top, cell } = timeCodeArea(160, 120)
    fc.assert(
      fc.property(times, fc.uniqueArray(fc.integer({ min: 0, max: 89 }), { minLength: 1, maxLength: 40 }), (time, cells) => {
        const image = coded(160, 120, time)
        for (const index of cells) {
          for (let n = 0; n < cell * cell; n++) {
            const x = left + (1 + (index % 18)) * cell + (n % cell)
            const y = top + (1 + Math.floor(index / 18)) * cell + Math.floor(n / cell)
            image.data[y * 160 + x] = 265 - image.data[y * 160 + x]!
          }
        }
        expect(readTimeCode(image)).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })

  it('is one of the two or none when a picture is torn between two codes', () => {
    fc.assert(
      fc.property(times, times, fc.integer({ min: 0, max: 120 }), (above, below, row) => {
        const image = coded(160, 120, above)
        image.data.set(coded(160, 120, below).data.subarray(row * 160), row * 160)
        expect([above, below, undefined]).toContain(readTimeCode(image))
      }),
      { numRuns: 300 },
    )
  })

  it('leaves the rest of the picture alone, and is opaque', () => {
    const { data } = coded(320, 240, now, 4)
    const { left, top, width, height } = timeCodeArea(320, 240)
    for (let n = 0; n < 320 * 240; n++) {
      const [x, y] = [n % 320, Math.floor(n / 320)]
      const inside = x >= left && x < left + width && y >= top && y < top + height
      if (inside) expect(data[n * 4 + 3]).toBe(255)
      else expect([...data.subarray(n * 4, n * 4 + 4)]).toEqual([90, 90, 90, 90])
    }
  })

  it('rounds to the millisecond', () => {
    expect(readTimeCode(coded(160, 120, 1000.4))).toBe(1000)
    expect(readTimeCode(coded(160, 120, 1000.5))).toBe(1001)
  })

  it.each([-1, latest + 1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to draw %s', (time) => {
    expect(() => coded(160, 120, time)).toThrow(RangeError)
  })

  it('refuses pictures that are too small, or bytes that do not fit the size', () => {
    expect(() => coded(159, 120, now)).toThrow('too small for a time code')
    expect(() => coded(160, 119, now)).toThrow(RangeError)
    expect(() => timeCodeArea(Number.NaN, 500)).toThrow(RangeError)
    expect(() => readTimeCode({ data: new Uint8Array(10), width: 160, height: 120 })).toThrow(RangeError)
    expect(() => readTimeCode({ data: new Uint8Array(160 * 120), width: 160, height: 120, channels: 3 })).toThrow(
      '160 × 120 pixels of 3 bytes',
    )
    expect(() => readTimeCode({ data: [] as never, width: 160, height: 120 })).toThrow(TypeError)
    expect(() => readTimeCode(undefined as never)).toThrow(TypeError)
    expect(() => readTimeCode({ data: new Uint8Array(4), width: 0, height: 120 })).toThrow(RangeError)
  })
})

describe('readTimeCodeFromJpeg', () => {
  const jpeg = encodeJpeg(coded(640, 480, now, 4), 80)

  it('reads a view into a larger buffer, and shared memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(jpeg.length + 20), 10, jpeg.length)
    shared.set(jpeg)
    expect(readTimeCodeFromJpeg(shared)).toBe(now)
  })

  it('finds nothing in what is no JPEG, truncated, damaged or claims to be enormous', () => {
    const enormous = Uint8Array.from(jpeg)
    const header = enormous.findIndex((byte, at) => byte === 0xff && enormous[at + 1] === 0xc0)
    enormous.fill(0xff, header + 5, header + 9)
    const cases = [
      new Uint8Array(0),
      Buffer.from('not a picture'),
      Uint8Array.of(0xff, 0xd8),
      jpeg.subarray(0, 300),
      jpeg.subarray(0, jpeg.length / 2),
      enormous,
    ]
    for (const bytes of cases) expect(readTimeCodeFromJpeg(bytes)).toBeUndefined()
  })

  it('never misreads a damaged file, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(jpeg.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 }), (changes) => {
        const damaged = Uint8Array.from(jpeg)
        for (const [at, value] of changes) damaged[at] = value
        expect([now, undefined]).toContain(readTimeCodeFromJpeg(damaged))
      }),
      { numRuns: 150 },
    )
  })

  it('finds nothing in a decoded picture without a code', () => {
    const { data, width, height } = decodeJpeg(jpeg)
    data.fill(255)
    expect(readTimeCodeFromJpeg(encodeJpeg({ data, width, height, channels: 4 }, 80))).toBeUndefined()
  })

  it('refuses what is not bytes', () => {
    expect(() => readTimeCodeFromJpeg('file.jpg' as never)).toThrow(TypeError)
  })
})
