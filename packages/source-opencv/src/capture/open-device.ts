import { checkFile } from '../input/check-file.js'
import { explainOpenFailure } from '../input/explain-open-failure.js'
import type { DevicePlan } from '../input/plan-device.js'
import { ffmpegCaptureOptions, libavformatVersion, nativeEnvironment } from '../native/native-environment.js'
import { backendCodes, type NativeModule } from '../native/native-module.js'
import { type Capture, fourccNumber, openCapture } from '../native/open-capture.js'
import type { OpencvSourceOptions } from '../opencv-source-options.js'

export const defaultTimeoutMs = 10_000

/**
 * Opens what `plan` says and asks a camera for its mode. Blocks the thread while OpenCV opens, for up to about `timeoutMs`.
 * @param load loads OpenCV, after the environment has been set.
 * @throws SnapmintError; the signal's reason when it aborts before the device is opened.
 */
export async function openDevice(
  plan: DevicePlan,
  options: OpencvSourceOptions,
  load: () => NativeModule,
  signal: AbortSignal,
): Promise<{ readonly native: NativeModule; readonly capture: Capture }> {
  const { timeoutMs = defaultTimeoutMs, rtspTransport = 'tcp' } = options
  if (plan.kind === 'file' && plan.path !== undefined) await checkFile(plan.path)
  // In the forked child they are set already; inline this is the only way.
  Object.assign(process.env, nativeEnvironment(plan, timeoutMs))
  const native = load()
  process.env.OPENCV_FFMPEG_CAPTURE_OPTIONS = ffmpegCaptureOptions(
    plan,
    timeoutMs,
    rtspTransport,
    libavformatVersion(native.getBuildInformation()),
  )
  // From here on an abort is not heard until the device answers.
  signal.throwIfAborted()
  let capture: Capture
  try {
    capture = openCapture(native, plan.target, backendCodes[plan.backend].api)
  } catch (thrown) {
    throw await explainOpenFailure(plan, thrown, timeoutMs)
  }
  try {
    if (plan.kind === 'camera') await requestMode(capture, options)
    return { native, capture }
  } catch (thrown) {
    await capture.close()
    throw thrown
  }
}

/** The format first: which sizes there are depends on it, and which rates on the size. What the camera made of it is seen in its pictures. */
async function requestMode(capture: Capture, { fourcc, width, height, frameRate }: OpencvSourceOptions): Promise<void> {
  if (fourcc !== undefined) await capture.set('fourcc', fourccNumber(fourcc))
  if (width !== undefined) await capture.set('width', width)
  if (height !== undefined) await capture.set('height', height)
  if (frameRate !== undefined) await capture.set('frameRate', frameRate)
}
