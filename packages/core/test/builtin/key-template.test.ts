import { describe, expect, it } from 'vitest'
import { parseKeyTemplate, renderKey } from '../../src/builtin/key-template.js'
import { snapshot } from './snapshot.js'

const media = snapshot('abc')
const key = 'easel/1795251907042.jpg'

describe('parseKeyTemplate', () => {
  it.each([
    ['{source}', 'easel'],
    ['{captureTime}.{ext}', '1795251907042.jpg'],
    ['{seconds}', '1795251907'],
    ['{date}', '2026-11-21'],
    ['{yyyy}/{mm}/{dd}/{hh}-{mi}-{ss}.{mmm}', '2026/11/21/09-05-07.042'],
    ['{mimeType}', 'image-jpeg'],
    ['{sha256}', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['a/{key}', 'a/easel/1795251907042.jpg'],
    ['no placeholder', 'no placeholder'],
  ])('renders %s as %s', (template, expected) => {
    expect(renderKey(template, media, key)).toBe(expected)
  })

  it('knows the constants it is given, encoded like names', () => {
    const template = parseKeyTemplate('frames/{contract}/{seconds}.jpg', { contract: '0xAb/../c' })
    expect(template(media, key)).toBe('frames/0xAb%2F..%2Fc/1795251907.jpg')
    expect(() => parseKeyTemplate('{date}', { date: 'today' })).toThrow(TypeError)
  })

  it('keeps the microseconds of a capture time apart, and rounds the date with it', () => {
    const template = parseKeyTemplate('{captureTime} {ss}.{mmm} {seconds}')
    expect(template({ ...media, captureTime: 1_795_251_907_042.437 }, key)).toBe('1795251907042.437 07.042 1795251907')
    expect(template({ ...media, captureTime: 1_795_251_907_999.9998 }, key)).toBe('1795251908000 08.000 1795251908')
  })

  it.each(['../../etc', '..', '.', '/abs', 'a\u0000b', 'nul', 'x\\y', 'C:', ' ', 'a\nb'])(
    'lets the source %j name nothing but one segment',
    (source) => {
      expect(renderKey('{source}', { ...media, source }, key)).toMatch(/^[\w%-]+(\.[\w%.-]*[\w%-])?$/)
      expect(renderKey('{source}', { ...media, source }, key)).not.toMatch(/^nul$/i)
    },
  )

  it.each(['', 'a//b', '../a', 'a/./b', '/a', 'a\\b', 'a\u0007'])('refuses the key %j', (unsafe) => {
    expect(() => renderKey('{key}', media, unsafe)).toThrow(expect.objectContaining({ code: 'SNAPMINT_SINK_KEY_INVALID' }))
  })

  it('refuses templates that are mistaken, at construction', () => {
    expect(() => parseKeyTemplate('{sorce}')).toThrow('Unknown placeholder {sorce}')
    expect(() => parseKeyTemplate('{source')).toThrow('brace without its partner')
    expect(() => parseKeyTemplate('a}')).toThrow(TypeError)
    expect(() => parseKeyTemplate('')).toThrow(TypeError)
    expect(() => parseKeyTemplate('{toString}')).toThrow(TypeError)
  })

  it('refuses a time that is no date', () => {
    expect(() => renderKey('{date}', { ...media, captureTime: 9e15 }, key)).toThrow(
      expect.objectContaining({ code: 'SNAPMINT_SINK_KEY_INVALID' }),
    )
  })
})
