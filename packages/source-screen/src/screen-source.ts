import type { CaptureContext, Frame, FrameSource } from '@snapmint/core/adapter'
import { chooseEngine, engineSurroundings } from './choose-engine.js'
import { ffmpegFrames } from './ffmpeg/ffmpeg-frames.js'
import { nativeFrames } from './native/native-frames.js'
import { resolveScreenOptions, type ScreenSourceOptions } from './screen-source-options.js'

/**
 * Frames of a display, of a part of it, or of a window, as JPEG, at a fixed rate whether the picture changes or not.
 *
 * captureTime is when the screen began to be read: a frame never shows anything older than its captureTime, and nothing newer by more than the reading takes, 1 to
 * 30 ms. Strictly increasing. Frames belong to the consumer.
 *
 * The engine "ffmpeg" runs the program FFmpeg, one process for each run, from a capture worker; "native" runs in a forked child, for its modules abort the process
 * when their thread is ended in the midst of their work.
 *
 * Runs throw `SNAPMINT_MISSING_DEPENDENCY`, `SNAPMINT_SOURCE_NOT_FOUND` (no DISPLAY; no such display, window or region), `SNAPMINT_SOURCE_UNAUTHORIZED`,
 * `SNAPMINT_SOURCE_UNAVAILABLE`, `SNAPMINT_SOURCE_ENDED` (the display or window has changed or gone), `SNAPMINT_SOURCE_CRASHED` and `SNAPMINT_SOURCE_FAILED`.
 * @throws TypeError, RangeError for options that are wrong, or that no engine can do together.
 */
export function screenSource(options: ScreenSourceOptions = {}): FrameSource {
  const wanted = resolveScreenOptions(options)
  const engine = chooseEngine(wanted, engineSurroundings(wanted.ffmpegPath))
  const resolved = { ...wanted, engine }
  const run = engine === 'ffmpeg' ? ffmpegFrames : nativeFrames
  return {
    specVersion: 1,
    adapter: 'screen',
    host: {
      kind: engine === 'ffmpeg' ? 'thread' : 'process',
      module: new URL('./screen-host.js', import.meta.url),
      options: resolved,
    },
    frames: (context) => iterate(context, (ownContext) => run(resolved, ownContext)),
  }
}

/** An iterator by hand: unlike a generator's, its `return()` works while a `next()` waits. */
function iterate(
  context: CaptureContext,
  run: (context: CaptureContext) => AsyncGenerator<Frame, void, undefined>,
): AsyncIterableIterator<Frame> {
  const ending = new AbortController()
  const signal = AbortSignal.any([context.signal, ending.signal])
  const generator = run({
    signal,
    now: () => context.now(),
    allocate: (byteLength) => context.allocate(byteLength),
    notice: (message, details) => context.notice?.(message, details),
  })
  const done = { done: true, value: undefined } as const
  const iterator: AsyncIterableIterator<Frame> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      try {
        // Not before the run is over: what it opened is released then.
        return signal.aborted ? await generator.return() : await generator.next()
      } catch (error) {
        if (signal.aborted) return done
        throw error
      }
    },
    async return() {
      ending.abort()
      await generator.return().catch(() => {})
      return done
    },
  }
  return iterator
}
