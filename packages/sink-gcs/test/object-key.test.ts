import { describe, expect, it } from 'vitest'
import { createObjectKey } from '../src/object-key.js'
import { makePicture } from './fixtures/make-picture.js'

const media = makePicture(1)
const keyOf = (options: Partial<Parameters<typeof createObjectKey>[0]>, key = 'easel/1.jpg') =>
  createObjectKey(options)(media, key)

describe('object key', () => {
  it("is core's key unless something else is wanted", () => {
    expect(keyOf({})).toBe('easel/1.jpg')
  })

  it('follows the template, with constants', () => {
    expect(keyOf({ template: 'frames/{contract}/{seconds}.{ext}', constants: { contract: '0xAB' } })).toBe(
      'frames/0xAB/1763690400.jpg',
    )
  })

  it('stands below the prefix, with one slash between', () => {
    expect([keyOf({ prefix: 'a/b' }), keyOf({ prefix: 'a/b/' })]).toEqual(['a/b/easel/1.jpg', 'a/b/easel/1.jpg'])
  })

  it('takes a prefix literally, braces and percent signs included', () => {
    expect(keyOf({ prefix: '{source}%20x' })).toBe('{source}%20x/easel/1.jpg')
  })

  it('may have 1024 bytes of UTF-8 and no more', () => {
    const longest = `${'ü'.repeat(510)}.jpg`
    expect(Buffer.byteLength(keyOf({}, longest))).toBe(1024)
    expect(() => keyOf({}, `x${longest}`)).toThrow(
      expect.objectContaining({
        code: 'SNAPMINT_SINK_KEY_INVALID',
        retryable: false,
        message: expect.stringContaining('1024 bytes'),
      }),
    )
  })

  it.each([
    ['an empty segment', 'a//b.jpg'],
    ['..', 'a/../b.jpg'],
    ['.', './b.jpg'],
    ['a leading slash', '/b.jpg'],
    ['a control character', 'a\u0007.jpg'],
    ['half a character', 'a\ud800.jpg'],
    ['what is no character', 'a\uffff.jpg'],
  ])('is refused with %s', (_what, key) => {
    expect(() => createObjectKey({ template: '{key}' })(media, key)).toThrow(
      expect.objectContaining({ code: 'SNAPMINT_SINK_KEY_INVALID', retryable: false }),
    )
  })
})
