import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { Frame, FrameSource } from '@snapmint/core/adapter'
import { abortReason } from '../runner/abort-error.js'
import { createDeadline, type Within } from '../runner/within.js'

/** One run of a source under a context that keeps the books. */
export interface SourceRun {
  readonly signal: AbortSignal
  readonly iterator: AsyncIterator<Frame>
  /** Every view that `allocate()` returned, in order. */
  readonly allocations: readonly Uint8Array[]
  /** How often the source has called `now()` or `allocate()`. */
  contextCalls(): number
  now(): number
  next(): Promise<IteratorResult<Frame>>
  abort(): void
  /** Aborts and returns, waiting no longer than `endWithinMs`. Never throws: whether a source ends well is judged by rules of its own. */
  close(): Promise<void>
}

export interface SourceRunOptions {
  /** Shifts the run's clock against the wall clock. Default 0. */
  readonly clockShiftMs?: number | undefined
  readonly endWithinMs: number
  /** The run begins under an aborted signal. */
  readonly aborted?: boolean | undefined
}

const startedAt = { wall: Date.now(), monotonic: performance.now() }

/** Epoch ms that no step of the system's clock disturbs, as the pipeline's clock. */
function steadyNow(): number {
  return startedAt.wall + (performance.now() - startedAt.monotonic)
}

/**
 * A view as core hands it out: in shared memory, not at its beginning, and with old bytes in it.
 * Sources that overlook one of the three fail with core only now and then.
 */
function allocateView(byteLength: number): Uint8Array {
  const offset = 64
  const memory = new SharedArrayBuffer(offset + byteLength + offset)
  new Uint8Array(memory).fill(0xa5)
  return new Uint8Array(memory, offset, byteLength)
}

export function openRun(source: FrameSource, { clockShiftMs = 0, endWithinMs, aborted = false }: SourceRunOptions): SourceRun {
  const controller = new AbortController()
  if (aborted) controller.abort(abortReason())
  const allocations: Uint8Array[] = []
  let calls = 0
  const now = () => steadyNow() + clockShiftMs
  const iterator = source
    .frames({
      signal: controller.signal,
      now() {
        calls += 1
        return now()
      },
      allocate(byteLength) {
        calls += 1
        const view = allocateView(byteLength)
        allocations.push(view)
        return view
      },
      notice() {},
    })
    [Symbol.asyncIterator]()
  return {
    signal: controller.signal,
    iterator,
    allocations,
    contextCalls: () => calls,
    now,
    next() {
      const result = Promise.resolve(iterator.next())
      result.catch(() => {})
      return result
    },
    abort: () => controller.abort(abortReason()),
    async close() {
      controller.abort(abortReason())
      const within = createDeadline(endWithinMs)
      await within('return()', Promise.resolve(iterator.return?.())).catch(() => {})
    },
  }
}

/** The next frame. @throws AssertionError when the run ends instead, and whatever the source throws. */
export async function nextFrame(run: SourceRun, within: Within, which: string): Promise<Frame> {
  const result = await within(`next() should yield the ${which} frame`, run.next())
  assert.ok(
    result.done !== true,
    `The run ended where the ${which} frame was expected: a source goes on until it is aborted, and throws when its device fails. ` +
      'For material with an end declare `finite` and set `frames` to no more than it has',
  )
  return result.value
}

/** How a run ended: by itself, or by throwing. */
export type RunEnd = { readonly how: 'done' } | { readonly how: 'thrown'; readonly thrown: unknown }

/**
 * Waits for a run's end, reading past frames that were on their way.
 * @param pending what an earlier `next()` returned, still unread.
 */
export async function untilEnd(
  run: SourceRun,
  { why, endWithinMs, pending = run.next() }: { why: string; endWithinMs: number; pending?: Promise<IteratorResult<Frame>> },
): Promise<RunEnd & { readonly framesRead: number }> {
  const within = createDeadline(endWithinMs)
  const endsAt = performance.now() + endWithinMs
  const thrown = Symbol('thrown')
  let step = pending
  for (let framesRead = 0; ; framesRead += 1) {
    let error: unknown
    const settled = step.catch((reason: unknown) => {
      error = reason
      return thrown
    })
    const what = `The run should end ${why}, and had yielded ${framesRead} more frames`
    const result = await within(what, settled)
    if (typeof result === 'symbol') return { how: 'thrown', thrown: error, framesRead }
    if (result.done === true) return { how: 'done', framesRead }
    // A source that always has a frame at hand is faster than any timer: the event loop gets its turn, and the clock is asked.
    await turn()
    if (performance.now() > endsAt) assert.fail(`${what}: this did not happen within ${endWithinMs} ms`)
    step = run.next()
  }
}
