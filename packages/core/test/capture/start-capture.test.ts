import { describe, expect, it } from 'vitest'
import { type CaptureOptions, captureSettings } from '../../src/capture/capture-options.js'
import type { FrameSource } from '../../src/spec/frame-source.js'
import { captureInline, forever, scriptedSource, still } from './support/inline-capture.js'

describe('a capture', () => {
  it('refuses single frames without ending the run, each with its code', async () => {
    const { capture, timers, all, pushed, names, stop } = captureInline(
      scriptedSource(async function* ({ now, signal }) {
        const time = now()
        yield still(time - 10)
        yield still(time - 10)
        yield { ...still(time), data: new Uint8Array() }
        yield { ...still(time), data: new Uint8Array(2 ** 21) }
        yield still(time + 60_000)
        yield still(Number.NaN)
        yield { codec: 'avc1', type: 'delta', captureTime: time, data: Uint8Array.of(1) }
        yield 'garbage'
        yield still(time)
        await forever(signal)
      }),
    )
    await timers.advance(0)
    expect(all('frame:rejected').map(({ error }) => error.code)).toEqual([
      'SNAPMINT_FRAME_TIME_BACKWARDS',
      'SNAPMINT_FRAME_EMPTY',
      'SNAPMINT_FRAME_TOO_LARGE',
      'SNAPMINT_FRAME_TIME_FUTURE',
      'SNAPMINT_FRAME_TIME_INVALID',
      'SNAPMINT_FRAME_WITHOUT_KEY',
      'SNAPMINT_FRAME_INVALID',
    ])
    expect(pushed()).toBe(2)
    expect(names().filter((name) => name !== 'frame:rejected')).toEqual(['source:started'])
    expect(capture.figures()).toMatchObject({ run: 1, restarts: 0, accepted: 2, rejected: 7, lastError: undefined })
    await stop()
  })

  it('stores a frame that was filled in the history’s own memory without a copy', async () => {
    let view: Uint8Array | undefined
    const { timers, reader, stop } = captureInline(
      scriptedSource(async function* ({ now, allocate, signal }) {
        view = allocate(1000)
        view.fill(7)
        yield { mimeType: 'image/png', captureTime: now(), data: view.subarray(0, 900) }
        await forever(signal)
      }),
    )
    await timers.advance(0)
    expect(view!.buffer).toBeInstanceOf(SharedArrayBuffer)
    const held = reader.read(reader.newest()!.sequenceNumber)!
    expect([held.bytes, held.run[0]!.data[899]]).toEqual([900, 7])
    await stop()
  })

  it.each([0, -1, Number.NaN, 1.5, 2 ** 30])('refuses to allocate %s bytes, and the source may go on', async (bytes) => {
    const { timers, pushed, stop } = captureInline(
      scriptedSource(async function* ({ now, allocate, signal }) {
        expect(() => allocate(bytes)).toThrow()
        yield still(now())
        await forever(signal)
      }),
    )
    await timers.advance(0)
    expect(pushed()).toBe(1)
    await stop()
  })

  it('needs a key chunk at the beginning of each run', async () => {
    const chunk = (captureTime: number, type: string) => ({ codec: 'avc1', type, captureTime, data: Uint8Array.of(1) })
    const { timers, pushed, all, stop } = captureInline(
      scriptedSource(async function* ({ now, signal }, run) {
        if (run === 1) {
          yield chunk(now(), 'key')
          yield chunk(now(), 'delta')
          return
        }
        yield chunk(now(), 'delta')
        await forever(signal)
      }),
    )
    await timers.advance(250)
    expect(pushed()).toBe(2)
    expect(all('frame:rejected').map(({ error }) => error.code)).toEqual(['SNAPMINT_FRAME_WITHOUT_KEY'])
    await stop()
  })

  it('takes no delta that refers to a chunk which was refused, up to the next key', async () => {
    const chunk = (captureTime: number, type: string, byteLength = 1) => ({
      codec: 'avc1',
      type,
      captureTime,
      data: new Uint8Array(byteLength),
    })
    const { timers, all, capture, stop } = captureInline(
      scriptedSource(async function* ({ now, signal }) {
        const time = now() - 100
        yield chunk(time, 'key')
        yield chunk(time + 1, 'delta')
        yield chunk(time + 2, 'delta', 0)
        yield chunk(time + 3, 'delta')
        yield chunk(time + 1, 'key')
        yield chunk(time + 5, 'delta')
        yield chunk(time + 6, 'key')
        yield chunk(time + 7, 'delta')
        await forever(signal)
      }),
    )
    await timers.advance(0)
    const codes = all('frame:rejected').map(({ error }) => error.code)
    expect(codes).toContain('SNAPMINT_FRAME_EMPTY')
    expect(codes).toContain('SNAPMINT_FRAME_WITHOUT_KEY')
    expect(codes).toContain('SNAPMINT_FRAME_TIME_BACKWARDS')
    expect(capture.figures()).toMatchObject({ accepted: 4, rejected: 4 })
    await stop()
  })

  it('tells a frozen picture once', async () => {
    const { timers, all, stop } = captureInline(
      scriptedSource(async function* ({ now, signal }) {
        const time = now()
        for (let ms = 0; ms < 900; ms += 100) yield still(time + ms)
        await forever(signal)
      }),
      { frozenMs: 500 },
    )
    await timers.advance(0)
    expect(all('source:frozen')).toHaveLength(1)
    expect(all('source:frozen')[0]!.unchangedMs).toBeCloseTo(500, 2)
    await stop()
  })

  it('passes notices on, and none after the end', async () => {
    let notice = (_message: string) => {}
    const { timers, all, stop } = captureInline(
      scriptedSource(async function* ({ notice: tell, signal, now }) {
        notice = tell!
        tell?.('the camera refused 4K', { width: 1920 })
        yield still(now())
        await forever(signal)
      }),
    )
    await timers.advance(0)
    await stop()
    notice('too late')
    expect(all('source:notice')).toEqual([{ source: 'easel', message: 'the camera refused 4K', details: { width: 1920 } }])
  })

  it('opens nothing again once it is stopped during the back-off', async () => {
    const { capture, timers } = captureInline(
      scriptedSource(async function* () {
        yield* []
        throw new Error('no')
      }),
    )
    await timers.advance(100)
    await Promise.all([capture.stop(), capture.stop()])
    await timers.advance(60_000)
    expect([capture.state(), capture.figures().run, timers.pending]).toEqual(['stopped', 1, 0])
    await expect(capture.firstFrame).rejects.toMatchObject({ code: 'SNAPMINT_PIPELINE_STOPPED' })
    await capture.firstAttempt
  })

  it.each([
    ['no source', undefined],
    ['another version of the contract', { specVersion: 2, adapter: 'x', frames: () => {} }],
    ['no name', { specVersion: 1, frames: () => {} }],
    ['no frames', { specVersion: 1, adapter: 'x' }],
    ['a strange host', { specVersion: 1, adapter: 'x', frames: () => {}, host: { kind: 'cloud', module: new URL('file:///x') } }],
    ['a host without a URL', { specVersion: 1, adapter: 'x', frames: () => {}, host: { kind: 'thread', module: './x.js' } }],
  ])('cannot be started with %s', (_what, source) => {
    expect(() => captureInline(source as unknown as FrameSource)).toThrow(TypeError)
  })

  it.each([
    { stallMs: 0 },
    { stallMs: Number.POSITIVE_INFINITY },
    { stallMs: 2 ** 31 },
    { frozenMs: -1 },
    { maxAheadMs: Number.NaN },
    { restart: { initialMs: 0 } },
    { restart: { maxMs: '5' } },
    { restart: null },
    { stalMs: 5 },
  ])('cannot be started with the options %o', (options) => {
    expect(() => captureSettings(options as CaptureOptions)).toThrow(/Expected|Unknown/)
  })

  it('has defaults', () => {
    expect(captureSettings()).toEqual({
      stallMs: 10_000,
      frozenMs: undefined,
      maxAheadMs: 1000,
      restart: { initialMs: 250, maxMs: 2000 },
    })
  })
})
