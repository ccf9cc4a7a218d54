import { describe, expect, it } from 'vitest'
import { validateFrame } from '../../src/capture/validate-frame.js'

const limits = { now: 1_700_000_000_000, maxAheadMs: 1000 }
const image = { mimeType: 'image/jpeg', captureTime: limits.now, data: Uint8Array.of(1, 2) }
const chunk = { codec: 'avc1.42001f', type: 'key', captureTime: limits.now, data: Uint8Array.of(1) }

describe('a frame', () => {
  it.each([
    ['an image', image],
    ['a chunk', chunk],
    ['a Buffer', { ...image, data: Buffer.from([1]) }],
    ['shared memory', { ...image, data: new Uint8Array(new SharedArrayBuffer(3)) }],
    ['size and rotation', { ...image, codedWidth: 65_535, codedHeight: 1, rotation: 270 }],
    ['an optional property left undefined', { ...image, codec: undefined, rotation: undefined }],
    ['a time just within the limit', { ...image, captureTime: limits.now + 1000 }],
  ])('is accepted: %s', (_what, value) => {
    expect(validateFrame(value, limits)).toMatchObject(JSON.parse(JSON.stringify({ ...value, data: undefined })))
  })

  it.each([
    ['SNAPMINT_FRAME_INVALID', 'nothing', undefined],
    ['SNAPMINT_FRAME_INVALID', 'null', null],
    ['SNAPMINT_FRAME_INVALID', 'a string', 'frame'],
    ['SNAPMINT_FRAME_INVALID', 'no data', { ...image, data: undefined }],
    ['SNAPMINT_FRAME_INVALID', 'an ArrayBuffer', { ...image, data: new ArrayBuffer(4) }],
    ['SNAPMINT_FRAME_INVALID', 'wider elements', { ...image, data: new Uint16Array(4) }],
    ['SNAPMINT_FRAME_INVALID', 'no format', { captureTime: 1, data: Uint8Array.of(1) }],
    ['SNAPMINT_FRAME_INVALID', 'two formats', { ...image, ...chunk }],
    ['SNAPMINT_FRAME_INVALID', 'another MIME type', { ...image, mimeType: 'video/mp4' }],
    ['SNAPMINT_FRAME_INVALID', 'a chunk without a type', { ...chunk, type: undefined }],
    ['SNAPMINT_FRAME_INVALID', 'a chunk of a strange type', { ...chunk, type: 'b' }],
    ['SNAPMINT_FRAME_INVALID', 'half a pixel', { ...image, codedWidth: 1.5 }],
    ['SNAPMINT_FRAME_INVALID', 'a width beyond the table', { ...image, codedWidth: 65_536 }],
    ['SNAPMINT_FRAME_INVALID', 'a crooked rotation', { ...image, rotation: 45 }],
    ['SNAPMINT_FRAME_EMPTY', 'no bytes', { ...image, data: new Uint8Array() }],
    ['SNAPMINT_FRAME_TIME_INVALID', 'NaN', { ...image, captureTime: Number.NaN }],
    ['SNAPMINT_FRAME_TIME_INVALID', 'infinity', { ...image, captureTime: Number.POSITIVE_INFINITY }],
    ['SNAPMINT_FRAME_TIME_INVALID', 'a Date', { ...image, captureTime: new Date() }],
    ['SNAPMINT_FRAME_TIME_INVALID', 'a string', { ...image, captureTime: '1700000000000' }],
    ['SNAPMINT_FRAME_TIME_INVALID', 'a time before 1970', { ...image, captureTime: -1 }],
    ['SNAPMINT_FRAME_TIME_FUTURE', 'the future', { ...image, captureTime: limits.now + 1000.01 }],
    ['SNAPMINT_FRAME_TIME_FUTURE', 'microseconds', { ...image, captureTime: limits.now * 1000 }],
  ])('is refused with %s: %s', (code, _what, value) => {
    expect(() => validateFrame(value, limits)).toThrow(expect.objectContaining({ code }))
  })

  it('is refused when its properties cannot be read', () => {
    const trap = {
      get data() {
        throw new Error('no')
      },
    }
    expect(() => validateFrame(trap, limits)).toThrow(expect.objectContaining({ code: 'SNAPMINT_FRAME_INVALID' }))
  })

  it('cannot change after it was checked', () => {
    const data = [Uint8Array.of(1), 'text']
    const shifty = { ...image, data: undefined }
    Object.defineProperty(shifty, 'data', { get: () => data.shift() })
    const frame = validateFrame(shifty, limits)
    expect([frame.data, frame.data]).toEqual([Uint8Array.of(1), Uint8Array.of(1)])
  })
})
