import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileExtension, frameKey } from '../../src/util/frame-key.js'
import { encodePathSegment } from '../../src/util/path-segment.js'

const time = 1_763_688_000_123

describe('frameKey', () => {
  it('is the source, the capture time and the extension', () => {
    expect(frameKey('easel', time, 'image/jpeg')).toBe('easel/1763688000123.jpg')
  })

  it('prints decimals to the microsecond, and only when there are any', () => {
    expect(frameKey('easel', time + 0.437, 'image/png')).toBe('easel/1763688000123.437.png')
    expect(frameKey('easel', time + 0.5, 'image/png')).toBe('easel/1763688000123.5.png')
    expect(frameKey('easel', time + 0.9998, 'image/png')).toBe('easel/1763688000124.png')
  })

  it('refuses times that are no time', () => {
    for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      expect(() => frameKey('easel', wrong, 'image/png')).toThrow(RangeError)
  })

  it('differs for two times that are a microsecond or more apart', () => {
    const microseconds = fc.integer({ min: 946_684_800_000_000, max: 4_102_444_800_000_000 })
    fc.assert(
      fc.property(microseconds, fc.integer({ min: 1, max: 3000 }), (first, gap) => {
        expect(frameKey('a', first / 1000, 'image/png')).not.toBe(frameKey('a', (first + gap) / 1000, 'image/png'))
      }),
    )
    const doubles = fc.double({ min: 946_684_800_000, max: 4_102_444_800_000, noNaN: true })
    fc.assert(
      fc.property(doubles, fc.double({ min: 0.0016, max: 2, noNaN: true }), (first, gap) => {
        expect(frameKey('a', first, 'image/png')).not.toBe(frameKey('a', first + gap, 'image/png'))
      }),
    )
  })

  it('differs for any two distinct sources', () => {
    fc.assert(
      fc.property(nastyName, nastyName, (first, second) => {
        fc.pre(first !== second)
        expect(frameKey(first, time, 'image/png')).not.toBe(frameKey(second, time, 'image/png'))
      }),
      { numRuns: 2000 },
    )
  })
})

const nastyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('.', '/', '%', '~', '2', 'E', 'u', 'a', '\\', ' ', '\ud800', 'é', '中'), maxLength: 4 }),
  fc.constantFrom('con', 'CON', '%63on', 'nul.png', '.', '..', '', '~', '%2E', '%2E%2E', 'x'.repeat(300), `${'x'.repeat(299)}y`),
)

describe('encodePathSegment', () => {
  it('leaves ordinary names as they are', () => {
    for (const name of ['easel', 'camera-2', 'desk_left', 'v1.2', 'Schreibtisch-Süd', '画架'])
      expect(encodePathSegment(name)).toBe(name)
  })

  it('gives one safe segment of at most 200 bytes whatever it is given', () => {
    fc.assert(
      fc.property(nastyName, (name) => {
        const segment = encodePathSegment(name)
        expect(segment).toMatch(/^[\p{L}\p{M}\p{N}_%~-](?:[\p{L}\p{M}\p{N}_.%~-]*[\p{L}\p{M}\p{N}_%~-])?$/u)
        expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(200)
        expect(segment).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('fileExtension', () => {
  it.each([
    ['image/jpeg', 'jpg'],
    ['image/png', 'png'],
    ['image/webp', 'webp'],
    ['image/avif', 'avif'],
    ['image/svg+xml', 'svg'],
    ['IMAGE/JPEG; q=1', 'jpg'],
    ['image/x-portable-pixmap', 'x-portable-pixmap'],
    ['image/../../etc', 'bin'],
    ['nonsense', 'bin'],
  ])('of %s is %s', (mimeType, extension) => {
    expect(fileExtension(mimeType)).toBe(extension)
  })
})
