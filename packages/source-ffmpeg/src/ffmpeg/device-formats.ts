import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import type { InputPlan } from '../input/plan-input.js'
import { runProgram } from './run-program.js'

/** One form in which a device offers its pictures. */
export interface DeviceFormat {
  /** FFmpeg's name: `mjpeg`, `h264`, `yuyv422`. */
  readonly name: string
  readonly compressed: boolean
  /** Whether it is offered in this size. */
  readonly has: (width: number, height: number) => boolean
}

/** The codec that a device is asked for; undefined: leave it to the device, and encode what comes. */
export type DeviceCodec = 'mjpeg' | 'h264' | undefined

/** A device that was asked answers within milliseconds; a camera that sleeps, within seconds. */
const listTimeoutMs = 10_000

/** Asks the device what it offers. @returns what the program wrote. */
export type ListFormats = (path: string, plan: InputPlan, signal: AbortSignal) => Promise<string>

/** Runs FFmpeg to list the formats of a V4L2 or DirectShow device. It exits with a failure, always. */
const listFormats: ListFormats = async (path, { url, format }, signal) => {
  const list = format === 'dshow' ? ['-list_options', 'true'] : ['-list_formats', 'all']
  const args = ['-nostdin', '-hide_banner', '-loglevel', 'info', '-f', format ?? 'v4l2', ...list, '-i', url]
  return (await runProgram(path, args, { signal, timeoutMs: listTimeoutMs })).stderr
}

/**
 * Chooses the form in which a device costs least: as it compresses by itself, JPEG rather than H.264, for single pictures can be thinned out.
 * @returns undefined where it offers none of the two in the size that is asked for.
 */
export function chooseDeviceCodec(
  formats: readonly DeviceFormat[],
  { width, height, frameRate }: Pick<FfmpegSourceOptions, 'width' | 'height' | 'frameRate'>,
): DeviceCodec {
  const fits = (name: string) =>
    formats.some((format) => format.name === name && (width === undefined || height === undefined || format.has(width, height)))
  if (fits('mjpeg')) return 'mjpeg'
  return frameRate === undefined && fits('h264') ? 'h264' : undefined
}

/** `[video4linux2,v4l2 @ 0x…] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720`, or ranges: `{32-4096, 2}x{32-2304, 2}`. */
const v4l2Line = /\b(Raw|Compressed)\s*:\s*(\S+)\s*:[^:]*:(.*)$/
const range = /\{(\d+)-(\d+),\s*(\d+)\}x\{(\d+)-(\d+),\s*(\d+)\}/

/** Reads what `-f v4l2 -list_formats all` writes (libavdevice/v4l2.c). */
export function parseV4l2Formats(text: string): DeviceFormat[] {
  return text.split('\n').flatMap((line) => {
    const [, kind, name = '', sizes = ''] = v4l2Line.exec(line) ?? []
    if (kind === undefined) return []
    return [{ name, compressed: kind === 'Compressed', has: sizeTest(sizes) }]
  })
}

function sizeTest(sizes: string): DeviceFormat['has'] {
  const stepwise = range.exec(sizes)
  if (stepwise === null) return (width, height) => sizes.split(/\s+/).includes(`${width}x${height}`)
  const [minWidth = 0, maxWidth = 0, stepX = 1, minHeight = 0, maxHeight = 0, stepY = 1] = stepwise.slice(1).map(Number)
  const within = (value: number, min: number, max: number, step: number) =>
    value >= min && value <= max && (value - min) % Math.max(1, step) === 0
  return (width, height) => within(width, minWidth, maxWidth, stepX) && within(height, minHeight, maxHeight, stepY)
}

/** `[dshow @ 0x…]   vcodec=mjpeg  min s=640x480 fps=5 max s=1920x1080 fps=30`; `pixel_format=yuyv422` for what is not compressed. */
const dshowLine = /\b(vcodec|pixel_format)=(\S+)\s+min s=(\d+)x(\d+) fps=\S+ max s=(\d+)x(\d+)/

/** Reads what `-f dshow -list_options true` writes (libavdevice/dshow.c). */
export function parseDshowFormats(text: string): DeviceFormat[] {
  return text.split('\n').flatMap((line) => {
    const [, kind, name = '', ...numbers] = dshowLine.exec(line) ?? []
    if (kind === undefined) return []
    const [minWidth = 0, minHeight = 0, maxWidth = 0, maxHeight = 0] = numbers.map(Number)
    const has = (width: number, height: number) =>
      width >= minWidth && width <= maxWidth && height >= minHeight && height <= maxHeight
    return [{ name, compressed: kind === 'vcodec', has }]
  })
}

/**
 * How the input is to be read: copied, encoded as JPEG because it comes as bare pixels, and what a device is asked for.
 * A device that does not answer is left to FFmpeg, which says why.
 */
export async function chooseInputMode(
  plan: InputPlan,
  options: FfmpegSourceOptions,
  path: string,
  { signal, list = listFormats }: { readonly signal: AbortSignal; readonly list?: ListFormats | undefined },
): Promise<{ readonly mode: 'copy' | 'jpeg'; readonly codec?: DeviceCodec }> {
  if (plan.transcode) return { mode: 'jpeg' }
  if (plan.kind !== 'device') return { mode: 'copy' }
  const parse = /^v(ideo)?4/.test(plan.format ?? '') ? parseV4l2Formats : plan.format === 'dshow' ? parseDshowFormats : undefined
  // All other devices deliver pixels.
  if (parse === undefined) return { mode: 'jpeg' }
  const codec = chooseDeviceCodec(parse(await list(path, plan, signal).catch(() => '')), options)
  signal.throwIfAborted()
  return codec === undefined ? { mode: 'jpeg' } : { mode: 'copy', codec }
}
