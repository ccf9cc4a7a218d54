import type { FrameSource } from '@snapmint/core/adapter'
import { webcamFrames } from './webcam-frames.js'
import { resolveWebcamOptions, type WebcamSourceOptions } from './webcam-source-options.js'

/**
 * Stills from a webcam at a slow pace, without any native build: fswebcam (Linux), imagesnap (macOS) or CommandCam (Windows) is run for each picture. Frames are
 * JPEG (CommandCam: BMP) and belong to the consumer.
 *
 * captureTime is a moment before the shutter, on the pipeline's clock. How long after it the picture was exposed at the latest is reported as a notice with
 * `exposureMs`: for a run's first picture, and when it has become longer by half.
 *
 * Runs throw `SNAPMINT_MISSING_DEPENDENCY` (no such program), `SNAPMINT_SOURCE_NOT_FOUND`, `SNAPMINT_SOURCE_UNAVAILABLE` (busy, or no picture in time),
 * `SNAPMINT_SOURCE_UNREADABLE` (no camera, not permitted, a picture that breaks off), `SNAPMINT_SOURCE_CRASHED`, `SNAPMINT_SOURCE_FAILED` and
 * `SNAPMINT_DIRECTORY_UNUSABLE`.
 * @throws TypeError, RangeError for options that are wrong, or unknown to the tool.
 */
export function webcamSource(options: WebcamSourceOptions = {}): FrameSource {
  const resolved = resolveWebcamOptions(options)
  return {
    specVersion: 1,
    adapter: 'webcam',
    host: { kind: 'thread', module: new URL('./webcam-host.js', import.meta.url), options: resolved },
    frames: (context) => webcamFrames(resolved, context),
  }
}
