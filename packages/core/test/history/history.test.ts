import { describe, expect, it } from 'vitest'
import { createFrameWaiter } from '../../src/history/frame-waiter.js'
import { createHistory } from '../../src/history/history.js'
import { attachHistory } from '../../src/history/history-reader.js'
import { openHistoryWriter } from '../../src/history/history-writer.js'
import type { Frame, VideoChunk } from '../../src/spec/frame.js'

const start = 1_763_688_000_000

function jpeg(captureTime: number, bytes = 100): Frame {
  return { captureTime, mimeType: 'image/jpeg', data: new Uint8Array(bytes).fill(captureTime & 255) }
}

function chunk(captureTime: number, type: 'key' | 'delta', bytes = 100): VideoChunk {
  return { captureTime, codec: 'avc1.42001f', type, data: new Uint8Array(bytes).fill(captureTime & 255) }
}

function open(options: Parameters<typeof createHistory>[0] = {}) {
  const handle = createHistory({ maxBytes: 256 * 1024, ...options })
  return { handle, writer: openHistoryWriter(handle), reader: attachHistory(handle) }
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing was thrown'
}

describe('history', () => {
  it('answers closest, before and after', () => {
    const { writer, reader } = open()
    for (const time of [0, 100, 200]) writer.push(jpeg(start + time), start)
    const at = (time: number, match: 'closest' | 'before' | 'after') => reader.lookup(start + time, { match }).captureTime - start
    expect([at(149, 'closest'), at(151, 'closest'), at(150, 'closest')]).toEqual([100, 200, 100])
    expect([at(199, 'before'), at(200, 'before'), at(500, 'before')]).toEqual([100, 200, 200])
    expect([at(-50, 'after'), at(100, 'after'), at(101, 'after')]).toEqual([0, 100, 200])
    expect([at(-9999, 'closest'), at(9999, 'closest')]).toEqual([0, 200])
  })

  it('says why it cannot answer, and what comes nearest', () => {
    const { writer, reader } = open()
    expect(codeOf(() => reader.lookup(start))).toBe('SNAPMINT_FRAME_NOT_YET')
    for (const time of [0, 1_000]) writer.push(jpeg(start + time), start)
    expect(codeOf(() => reader.lookup(start - 1, { match: 'before' }))).toBe('SNAPMINT_FRAME_EVICTED')
    expect(codeOf(() => reader.lookup(start + 1_001, { match: 'after' }))).toBe('SNAPMINT_FRAME_NOT_YET')
    expect(codeOf(() => reader.lookup(start + 500, { toleranceMs: 499 }))).toBe('SNAPMINT_FRAME_OUT_OF_TOLERANCE')
    expect(codeOf(() => reader.lookup(start - 500, { toleranceMs: 499 }))).toBe('SNAPMINT_FRAME_EVICTED')
    expect(codeOf(() => reader.lookup(start + 1_500, { toleranceMs: 499 }))).toBe('SNAPMINT_FRAME_NOT_YET')
    expect(reader.lookup(start + 500, { toleranceMs: 500 }).captureTime).toBe(start)
    expect(() => reader.lookup(start - 500, { toleranceMs: 499 })).toThrow(expect.objectContaining({ nearestCaptureTime: start }))
  })

  it('refuses frames that are empty, too large, of no time, or not later than the newest, and goes on', () => {
    const { writer, reader } = open()
    writer.push(jpeg(start), start)
    expect(codeOf(() => writer.push(jpeg(start + 1, 0), 0))).toBe('SNAPMINT_FRAME_EMPTY')
    expect(codeOf(() => writer.push(jpeg(start + 1, 300_000), 0))).toBe('SNAPMINT_FRAME_TOO_LARGE')
    expect(codeOf(() => writer.allocate(300_000))).toBe('SNAPMINT_FRAME_TOO_LARGE')
    expect(codeOf(() => writer.push(jpeg(Number.NaN), 0))).toBe('SNAPMINT_FRAME_TIME_INVALID')
    expect(codeOf(() => writer.push(jpeg(start), 0))).toBe('SNAPMINT_FRAME_TIME_BACKWARDS')
    expect(codeOf(() => writer.push(jpeg(start - 1), 0))).toBe('SNAPMINT_FRAME_TIME_BACKWARDS')
    writer.push(jpeg(start + 1), 0)
    expect(reader.stats()).toMatchObject({ frames: 2, pushed: 2 })
  })

  it('gives the run from the key chunk to the wanted one', () => {
    const { writer, reader } = open()
    writer.push(chunk(start, 'key'), 0)
    for (const time of [10, 20, 30]) writer.push(chunk(start + time, 'delta'), 0)
    writer.push(chunk(start + 40, 'key'), 0)
    const { info, run } = reader.hold(start + 21)
    expect(info).toMatchObject({ captureTime: start + 20, codec: 'avc1.42001f', type: 'delta' })
    expect(run.map((frame) => frame.captureTime - start)).toEqual([0, 10, 20])
    expect(reader.hold(start + 40).run).toHaveLength(1)
  })

  it('refuses a delta without its key: first of all, after a new run began, after another codec or an image', () => {
    const { writer, reader } = open()
    const refused = (frame: Frame) => codeOf(() => writer.push(frame, 0))
    expect(refused(chunk(start, 'delta'))).toBe('SNAPMINT_FRAME_WITHOUT_KEY')
    writer.push(chunk(start + 1, 'key'), 0)
    expect(refused({ ...chunk(start + 2, 'delta'), codec: 'hev1' })).toBe('SNAPMINT_FRAME_WITHOUT_KEY')
    writer.push(chunk(start + 3, 'delta'), 0)
    writer.beginRun()
    expect(refused(chunk(start + 4, 'delta'))).toBe('SNAPMINT_FRAME_WITHOUT_KEY')
    writer.push(jpeg(start + 5), 0)
    expect(refused(chunk(start + 6, 'delta'))).toBe('SNAPMINT_FRAME_WITHOUT_KEY')
    expect(reader.stats().frames).toBe(3)
  })

  it('evicts a run as a whole, and only when its last frame is too old', () => {
    const { writer, reader } = open({ durationMs: 100 })
    writer.push(chunk(start, 'key'), 0)
    writer.push(chunk(start + 90, 'delta'), 0)
    writer.push(chunk(start + 95, 'key'), 0)
    writer.push(chunk(start + 190, 'delta'), 0)
    expect(reader.stats().frames).toBe(4)
    writer.push(chunk(start + 191, 'delta'), 0)
    expect(reader.oldest()).toMatchObject({ captureTime: start + 95, type: 'key' })
  })

  it('keeps a reader in bounds when sequence numbers wrap around', () => {
    const { handle, reader } = open({ maxFrames: 20 })
    const words = new Int32Array(handle.buffer, 0, 64)
    words[16] = words[32] = -5
    const writer = openHistoryWriter(handle)
    for (let n = 0; n < 50; n++) writer.push(jpeg(start + n * 10), 0)
    expect(reader.stats().frames).toBe(20)
    expect(reader.lookup(start + 401).captureTime).toBe(start + 400)
    expect(reader.hold(start + 333).run[0]!.data[0]).toBe((start + 330) & 255)
  })

  it('does not copy a frame that was written into the allocated area', () => {
    const { handle, writer, reader } = open()
    const area = writer.allocate(1_000)
    area.fill(7)
    expect(area.buffer).toBe(handle.buffer)
    writer.push({ ...jpeg(start), data: area.subarray(0, 400) }, 0)
    writer.push(jpeg(start + 1), 0)
    const held = reader.hold(start)
    expect(held.run[0]!.data).toEqual(new Uint8Array(400).fill(7))
  })

  it('tells frames, bytes, depth and rate', () => {
    const { writer, reader } = open()
    for (let n = 0; n < 100; n++) writer.push(jpeg(start + n * 40, 50), 0)
    expect(reader.stats()).toMatchObject({ frames: 100, bytes: 5_000, depthMs: 3_960, pushed: 100, evicted: 0 })
    expect(reader.stats().frameRate).toBeCloseTo(25, 6)
  })

  it('leaves a gap out of the rate', () => {
    const { writer, reader } = open()
    writer.push(jpeg(start, 50), 0)
    for (let n = 0; n < 11; n++) writer.push(jpeg(start + 20_000 + n * 100, 50), 0)
    expect(reader.stats().frameRate).toBeCloseTo(10, 6)
  })

  it('carries size, rotation and receive time', () => {
    const { writer, reader } = open()
    writer.push({ ...jpeg(start), codedWidth: 3840, codedHeight: 2160, rotation: 270 }, start + 12)
    const { info, run } = reader.hold(start)
    expect(info).toMatchObject({
      codedWidth: 3840,
      codedHeight: 2160,
      rotation: 270,
      receiveTime: start + 12,
      mimeType: 'image/jpeg',
    })
    expect(run[0]).toMatchObject({ codedWidth: 3840, codedHeight: 2160, rotation: 270 })
  })

  it('knows a bounded number of formats, and says so', () => {
    const { writer } = open()
    for (let n = 0; n < 32; n++) writer.push({ ...jpeg(start + n), mimeType: `image/x-${n}` } as Frame, 0)
    expect(codeOf(() => writer.push({ ...jpeg(start + 99), mimeType: 'image/one-more' } as Frame, 0))).toBe(
      'SNAPMINT_HISTORY_FORMATS_FULL',
    )
    writer.push({ ...jpeg(start + 100), mimeType: 'image/x-3' } as Frame, 0)
  })

  it('refuses bad options and memory that is no history', () => {
    expect(() => createHistory({ durationMs: 0 })).toThrow(
      'Expected `durationMs` to be a positive finite number, got `0` (number)',
    )
    expect(() => createHistory({ maxBytes: 10 })).toThrow(RangeError)
    expect(() => createHistory({ durationMS: 10 } as never)).toThrow('Unknown option `durationMS`')
    expect(codeOf(() => attachHistory({ buffer: new SharedArrayBuffer(100_000) }))).toBe('SNAPMINT_HISTORY_INVALID')
  })
})

describe('frame waiter', () => {
  it('resolves when the moment is captured, gives up after the time-out, rejects on abort', async () => {
    const { writer, reader } = open()
    const waiter = createFrameWaiter(reader, { pollMs: 1 })
    const abort = new AbortController()
    const found = waiter.waitFor(start + 10, { timeoutMs: 20_000 })
    const late = waiter.waitFor(start + 999, { timeoutMs: 1 })
    const aborted = waiter.waitFor(start + 999, { timeoutMs: 20_000, signal: abort.signal })
    expect(waiter.size).toBe(3)
    writer.push(jpeg(start), 0)
    writer.push(jpeg(start + 11), 0)
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    expect(await found).toBe(true)
    expect(await late).toBe(false)
    expect(await waiter.waitFor(start + 5, { timeoutMs: 0 })).toBe(true)
    expect(waiter.size).toBe(0)
  })
})
