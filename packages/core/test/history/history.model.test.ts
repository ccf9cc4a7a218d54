import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LookupError } from '../../src/errors/lookup-error.js'
import { SnapmintError } from '../../src/errors/snapmint-error.js'
import type { Match } from '../../src/history/frame-info.js'
import { createHistory } from '../../src/history/history.js'
import { attachHistory } from '../../src/history/history-reader.js'
import { openHistoryWriter } from '../../src/history/history-writer.js'
import type { Frame } from '../../src/spec/frame.js'

const MAX_BYTES = 64 * 2 ** 10
const DURATION_MS = 2_000
const MAX_FRAMES = 40

type Kind = 'image' | 'key' | 'delta'
interface Modelled {
  readonly captureTime: number
  readonly kind: Kind
  readonly bytes: number
  readonly fill: number
}

function frameOf({ captureTime, kind, bytes, fill }: Modelled): Frame {
  const data = new Uint8Array(bytes).fill(fill)
  return kind === 'image'
    ? { captureTime, data, mimeType: 'image/jpeg' }
    : { captureTime, data, codec: 'avc1.42001f', type: kind }
}

/** The answer by definition: every frame looked at. */
function naive(frames: readonly Modelled[], time: number, match: Match): Modelled | undefined {
  if (match === 'before') return frames.filter((frame) => frame.captureTime <= time).at(-1)
  if (match === 'after') return frames.find((frame) => frame.captureTime >= time)
  return frames.reduce<Modelled | undefined>(
    (best, frame) =>
      best === undefined || Math.abs(frame.captureTime - time) < Math.abs(best.captureTime - time) ? frame : best,
    undefined,
  )
}

const pushes = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(33), fc.double({ min: 0.001, max: 900, noNaN: true }), fc.constantFrom(0, -5, Number.NaN)),
    kind: fc.constantFrom<Kind>('image', 'image', 'key', 'delta', 'delta', 'delta'),
    bytes: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 0, max: 70_000 })),
    allocate: fc.boolean(),
    probe: fc.double({ min: -3_000, max: 1_000, noNaN: true }),
    match: fc.constantFrom<Match>('closest', 'before', 'after'),
  }),
  { minLength: 1, maxLength: 160 },
)

describe('history against a plain array', () => {
  it('holds a gapless run of the newest frames, byte for byte, within its bounds, and finds what a full scan finds', () => {
    fc.assert(
      fc.property(pushes, (steps) => {
        const handle = createHistory({ maxBytes: MAX_BYTES, durationMs: DURATION_MS, maxFrames: MAX_FRAMES })
        let writer = openHistoryWriter(handle)
        const reader = attachHistory(handle)
        const accepted: Modelled[] = []
        let time = 1_763_688_000_000
        for (const [step, { gapMs, kind, bytes, allocate, probe, match }] of steps.entries()) {
          // A writer may die and be replaced at any time.
          if (step % 50 === 49) writer = openHistoryWriter(handle)
          const modelled: Modelled = { captureTime: time + gapMs, kind, bytes, fill: step % 251 }
          try {
            writer.push(allocate && bytes > 0 && bytes < 60_000 ? inPlace(writer, modelled) : frameOf(modelled), 0)
            accepted.push(modelled)
            time = modelled.captureTime
          } catch (error) {
            expect(SnapmintError.isInstance(error)).toBe(true)
          }
          check(reader, accepted, time + probe, match)
        }
      }),
      { numRuns: 150 },
    )
  })
})

function inPlace(writer: ReturnType<typeof openHistoryWriter>, modelled: Modelled): Frame {
  const area = writer.allocate(modelled.bytes + 16).subarray(0, modelled.bytes)
  area.fill(modelled.fill)
  return { ...frameOf(modelled), data: area }
}

function check(reader: ReturnType<typeof attachHistory>, accepted: readonly Modelled[], time: number, match: Match): void {
  const { frames: count, bytes, depthMs } = reader.stats()
  const held = accepted.slice(accepted.length - count)
  expect(reader.range(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).map((info) => info.captureTime)).toEqual(
    held.map((frame) => frame.captureTime),
  )
  expect(bytes).toBe(held.reduce((sum, frame) => sum + frame.bytes, 0))
  expect(count).toBeLessThanOrEqual(MAX_FRAMES)
  const first = held[0]
  if (first === undefined) return
  // Evicted by whole runs: the oldest frame can be decoded, and its run reaches into the duration.
  expect(first.kind).not.toBe('delta')
  const nextRun = held.findIndex((frame, index) => index > 0 && frame.kind !== 'delta')
  const lastOfFirstRun = held[(nextRun < 0 ? held.length : nextRun) - 1]!
  expect(held.at(-1)!.captureTime - lastOfFirstRun.captureTime).toBeLessThanOrEqual(DURATION_MS)
  expect(depthMs).toBe(held.at(-1)!.captureTime - first.captureTime)

  const wanted = naive(held, time, match)
  if (wanted === undefined) {
    expect(() => reader.lookup(time, { match })).toThrow(LookupError)
    return
  }
  const got = reader.hold(time, { match })
  expect(Math.abs(got.info.captureTime - time)).toBe(Math.abs(wanted.captureTime - time))
  expect(got.info.bytes).toBe(wanted.bytes)
  const last = got.run.at(-1)!
  expect(last.data.every((byte) => byte === wanted.fill)).toBe(true)
  const at = held.indexOf(wanted)
  const key = held.findLastIndex((frame, index) => index <= at && frame.kind !== 'delta')
  expect(got.run.map((frame) => frame.captureTime)).toEqual(held.slice(key, at + 1).map((frame) => frame.captureTime))
}
