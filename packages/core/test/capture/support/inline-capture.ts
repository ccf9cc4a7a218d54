import type { CaptureOptions } from '../../../src/capture/capture-options.js'
import { startCapture } from '../../../src/capture/start-capture.js'
import { createHistory } from '../../../src/history/history.js'
import { attachHistory } from '../../../src/history/history-reader.js'
import type { SourceEvents } from '../../../src/observe/pipeline-events.js'
import type { Frame, ImageFrame } from '../../../src/spec/frame.js'
import type { CaptureContext, FrameSource } from '../../../src/spec/frame-source.js'
import { createClock } from '../../../src/time/pipeline-clock.js'
import { createVirtualTimers } from '../../time/support/virtual-timers.js'

/** An event as `[name, payload]`. */
export type Told = { [K in keyof SourceEvents]: readonly [K, SourceEvents[K]] }[keyof SourceEvents]

/** A still of the moment; its four bytes count. */
export function still(captureTime: number, count = 0): ImageFrame {
  return { mimeType: 'image/jpeg', captureTime, data: Uint8Array.of(count, count >> 8, count >> 16, 1) }
}

/** A source whose runs are written down. */
export function scriptedSource(
  frames: (context: CaptureContext, run: number) => AsyncIterable<unknown>,
  rest: Partial<FrameSource> = {},
): FrameSource {
  let run = 0
  return { specVersion: 1, adapter: 'scripted', frames: (context) => frames(context, ++run) as AsyncIterable<Frame>, ...rest }
}

export function iterable(next: () => Promise<never>): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

/** Throws on its first `next()`. */
export function throwingSource(thrown: unknown): FrameSource {
  return scriptedSource(() => iterable(() => Promise.reject(thrown)))
}

/** Never settles; ends with the signal unless told to ignore it. */
export function forever(signal?: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Captures a source inline, in virtual time, with the longest delays that jitter allows. */
export function captureInline(source: FrameSource, options: CaptureOptions = {}, maxBytes = 2 ** 20) {
  const timers = createVirtualTimers()
  const history = createHistory({ maxBytes, durationMs: 3_600_000 })
  const told: Told[] = []
  const capture = startCapture({
    name: 'easel',
    source,
    history,
    clock: createClock(),
    options,
    timers,
    random: () => 1,
    emit: (event, payload) => told.push([event, payload] as unknown as Told),
  })
  const reader = attachHistory(history)
  return {
    capture,
    timers,
    told,
    reader,
    /** Names of the events so far. */
    names: () => told.map(([name]) => name),
    /** Payloads of one event. */
    all: <K extends keyof SourceEvents>(event: K) =>
      told.filter(([name]) => name === event).map(([, payload]) => payload as SourceEvents[K]),
    pushed: () => reader.stats().pushed,
    /** Stops, letting the time pass that stopping takes. */
    async stop() {
      const stopped = capture.stop()
      await timers.advance(2000)
      await stopped
    },
  }
}
