import type { FrameSource } from '@snapmint/core/adapter'
import { sketchFrames } from './sketch-frames.js'
import { resolveSketchOptions, type SketchSourceOptions } from './sketch-source-options.js'

/**
 * A mock camera for development and tests: a drawing that grows stroke by stroke, a new sheet every minute. Date and time are printed to the millisecond,
 * and a time code tells a test at which millisecond the picture was made: see {@link readTimeCode}.
 *
 * Frames are JPEG (4:2:0). Frame n is due at start + n / frameRate; slots missed are left out. `captureTime` is read just before the picture is
 * drawn; clock and time code show it rounded (`Math.round`) to the millisecond.
 *
 * Runs in a capture worker; `frames()` works in the calling thread as well. Needs neither a device nor a native module nor fonts.
 *
 * @throws TypeError or RangeError for wrong options.
 */
export function sketchSource(options: SketchSourceOptions = {}): FrameSource {
  const resolved = resolveSketchOptions(options)
  return {
    specVersion: 1,
    adapter: 'sketch',
    host: { kind: 'thread', module: new URL('./sketch-host.js', import.meta.url), options: resolved },
    frames: (context) => sketchFrames(resolved, context),
  }
}
