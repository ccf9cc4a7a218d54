import type { CaptureContext, FrameSource, ImageFrame } from '@snapmint/core/adapter'
import { defaultTimeoutMs } from './capture/open-device.js'
import { createPlayer, type Player } from './capture/play-device.js'
import { planDevice } from './input/plan-device.js'
import { loadNative } from './native/load-native.js'
import { nativeEnvironment } from './native/native-environment.js'
import { type OpencvSourceOptions, validateOptions } from './opencv-source-options.js'

/**
 * Frames of a camera, a video file or a stream, as JPEG, read with the user's own OpenCV (`@u4/opencv4nodejs`). A pipeline runs it in a forked child, one for each run.
 *
 * The device is read without a pause, however few frames are delivered, so that a delivered picture is never an old one; what is not due is not encoded. captureTime is the
 * driver's own stamp where it gives one (V4L2), the stream's time line on the pipeline's clock (RTSP), or the moment at which the picture was read; for recordings, the time at which
 * the first frame was played plus the frame's own place. Frames belong to the consumer. Rotation and mirroring are in the pixels.
 *
 * Runs throw `SNAPMINT_MISSING_DEPENDENCY`, `SNAPMINT_SOURCE_NOT_FOUND`, `SNAPMINT_SOURCE_UNREADABLE`, `SNAPMINT_SOURCE_UNAUTHORIZED`, `SNAPMINT_SOURCE_UNAVAILABLE`,
 * `SNAPMINT_SOURCE_ENDED`, `SNAPMINT_SOURCE_CRASHED` and `SNAPMINT_SOURCE_FAILED`.
 * @throws TypeError, RangeError for options that are wrong.
 */
export function opencvSource(options: OpencvSourceOptions): FrameSource {
  validateOptions(options)
  const settings = { ...options }
  const plan = planDevice(settings)
  const env = nativeEnvironment(plan, settings.timeoutMs ?? defaultTimeoutMs)
  return {
    specVersion: 1,
    adapter: 'opencv',
    finite: !plan.live,
    host: { kind: 'process', module: new URL('./opencv-host.js', import.meta.url), options: settings, env },
    frames: (context) => iterate(context, createPlayer({ plan, options: settings, context, load: loadNative })),
  }
}

/** An iterator by hand: unlike a generator's, its `return()` works while a `next()` waits. */
function iterate({ signal }: CaptureContext, player: Player): AsyncIterableIterator<ImageFrame> {
  const stop = () => {
    signal.removeEventListener('abort', stop)
    return player.stop()
  }
  let listening = false
  const iterator: AsyncIterableIterator<ImageFrame> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      if (!listening) signal.addEventListener('abort', stop)
      listening = true
      if (signal.aborted) {
        await stop()
        return { done: true, value: undefined }
      }
      try {
        const result = await player.next()
        if (result.done === true) signal.removeEventListener('abort', stop)
        return result
      } catch (error) {
        signal.removeEventListener('abort', stop)
        throw error
      }
    },
    async return() {
      await stop()
      return { done: true, value: undefined }
    },
  }
  return iterator
}
