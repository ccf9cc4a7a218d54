import { describe, expect, it } from 'vitest'
import { readTimeCodeFromJpeg, sketchSource } from '../src/index.js'

describe('sketchSource', () => {
  it('describes itself as a source that runs in a capture worker', () => {
    const source = sketchSource({ seed: 4 })
    expect(source).toMatchObject({ specVersion: 1, adapter: 'sketch', host: { kind: 'thread' } })
    expect(source.host?.module.href).toMatch(/\/sketch-host\.js$/)
    expect(source.finite).toBeUndefined()
  })

  it('hands its worker all options, filled in and cloneable', () => {
    const options = sketchSource({ seed: 4, frameRate: 12.5 }).host?.options
    expect(structuredClone(options)).toEqual({
      width: 1280,
      height: 720,
      frameRate: 12.5,
      clock: 'corner',
      timeZone: 'local',
      background: 'random',
      seed: 4,
      quality: 80,
      timeCode: true,
      sheetDurationMs: 60_000,
    })
  })

  it('chooses another seed for each source when none is given', () => {
    const seeds = Array.from({ length: 5 }, () => (sketchSource().host!.options as { seed: number }).seed)
    expect(new Set(seeds).size).toBeGreaterThan(1)
  })

  it.each([
    ['width', 159, RangeError],
    ['width', 3841, RangeError],
    ['width', 640.5, RangeError],
    ['width', '640', TypeError],
    ['height', 119, RangeError],
    ['height', Number.NaN, RangeError],
    ['frameRate', 0, RangeError],
    ['frameRate', -1, RangeError],
    ['frameRate', Number.POSITIVE_INFINITY, RangeError],
    ['frameRate', 241, RangeError],
    ['clock', 'center', TypeError],
    ['timeZone', 'Europe/Paris', TypeError],
    ['background', 'red', TypeError],
    ['background', '#fff', TypeError],
    ['background', 7, TypeError],
    ['seed', -1, RangeError],
    ['seed', 1.5, RangeError],
    ['quality', 0, RangeError],
    ['quality', 101, RangeError],
    ['timeCode', 'yes', TypeError],
    ['sheetDurationMs', 999, RangeError],
  ])('refuses %s = %j at once and names it', (name, value, type) => {
    const create = () => sketchSource({ [name]: value })
    expect(create).toThrow(type)
    expect(create).toThrow(`\`${name}\``)
  })

  it('refuses an option it does not know, and what is no object', () => {
    expect(() => sketchSource({ fps: 30 } as never)).toThrow('Unknown option `fps`')
    expect(() => sketchSource(null as never)).toThrow(TypeError)
  })

  it('refuses more pixels than 3840 × 2160 but takes them upright', () => {
    expect(() => sketchSource({ width: 3840, height: 2161 })).toThrow('3840 × 2160')
    expect(sketchSource({ width: 2160, height: 3840 }).adapter).toBe('sketch')
  })

  it('starts nothing at construction and nothing when the run is aborted already', async () => {
    const frames = sketchSource().frames({ signal: AbortSignal.abort(), now: Date.now, allocate: (size) => new Uint8Array(size) })
    expect(await frames[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
  })

  it('yields frames inline, in the calling thread', async () => {
    const controller = new AbortController()
    const source = sketchSource({ width: 320, height: 240, frameRate: 100, seed: 1 })
    const times: number[] = []
    for await (const frame of source.frames({
      signal: controller.signal,
      now: Date.now,
      allocate: (size) => new Uint8Array(size),
    })) {
      expect(readTimeCodeFromJpeg(frame.data)).toBe(Math.round(frame.captureTime))
      if (times.push(frame.captureTime) === 3) controller.abort()
    }
    expect(times).toHaveLength(3)
  })
})
