import type { CaptureContext, Frame } from '@snapmint/core/adapter'
import { screenError } from '../screen-error.js'
import type { ResolvedScreenOptions } from '../screen-source-options.js'
import { fitRegion } from '../target/pick.js'
import { cadence } from './cadence.js'
import { type JpegEncoder, loadJpegEncoder, type ScreenshotImage } from './load-native.js'
import { type NativeTarget, openNativeTarget } from './native-target.js'

/** What the pictures come from, and what writes them. */
export interface NativeParts {
  readonly openTarget: (options: ResolvedScreenOptions, signal: AbortSignal) => Promise<NativeTarget>
  readonly loadEncoder: () => Promise<JpegEncoder>
}

/** One run of node-screenshots. */
export async function* nativeFrames(
  options: ResolvedScreenOptions,
  context: CaptureContext,
  { openTarget, loadEncoder }: NativeParts = { openTarget: openNativeTarget, loadEncoder: loadJpegEncoder },
): AsyncGenerator<Frame, void, undefined> {
  const encoder = await loadEncoder()
  const target = await openTarget(options, context.signal)
  try {
    yield* grabAll(target, options, context, encoder)
  } finally {
    target.close()
  }
}

async function* grabAll(
  target: NativeTarget,
  options: ResolvedScreenOptions,
  { signal, now }: CaptureContext,
  encoder: JpegEncoder,
): AsyncGenerator<Frame, void, undefined> {
  const aborted = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
  let size: string | undefined
  for await (const _ of cadence(1000 / options.frameRate, now, signal)) {
    // Before, for what the picture shows is as old as this or newer, by the milliseconds that the grab takes.
    const captureTime = now()
    // A permission dialog, or a server that hangs, must not hold up the end of the run.
    const frame = await Promise.race([grab(target, options, encoder), target.ended, aborted])
    if (frame === undefined) return
    const { picture, whole } = frame
    if (size !== undefined && size !== whole)
      throw screenError(
        'SNAPMINT_SOURCE_ENDED',
        `The capture has ended: the ${target.title} has changed from ${size} to ${whole}; it is started anew`,
      )
    size = whole
    yield { mimeType: 'image/jpeg', captureTime, ...picture }
  }
}

async function grab(target: NativeTarget, options: ResolvedScreenOptions, encoder: JpegEncoder) {
  let image: ScreenshotImage
  try {
    image = await target.captureImage()
  } catch (cause) {
    const reason = String((cause as Error).message)
    throw screenError('SNAPMINT_SOURCE_UNAVAILABLE', `The ${target.title} cannot be captured: ${reason}; it is tried again`, {
      cause,
    })
  }
  const whole = `${image.width}×${image.height}`
  const { region, quality } = options
  const { x, y, width, height } = fitRegion(region, target.size ?? image, `the ${target.title}`)
  const isPart = width !== image.width || height !== image.height
  const part = isPart ? await image.crop(x + target.offset.x, y + target.offset.y, width, height) : image
  const raw = await part.toRaw(true)
  const { FORMAT_RGBA: format, SAMP_444: subsampling } = encoder
  const jpeg = await encoder.compress(raw, { format, width, height, subsampling, quality: Math.round(quality) })
  return { whole, picture: { data: new Uint8Array(jpeg), codedWidth: width, codedHeight: height } }
}
