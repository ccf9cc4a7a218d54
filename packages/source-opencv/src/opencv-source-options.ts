import {
  expectBoolean,
  expectKnownOptions,
  expectNumber,
  expectObject,
  expectOneOf,
  expectPositive,
  expectString,
} from '@snapmint/core/adapter'

/** Which part of OpenCV opens the device. It has to be in the OpenCV that is installed. */
export type OpencvBackend = 'v4l2' | 'avfoundation' | 'dshow' | 'msmf' | 'ffmpeg' | 'gstreamer'

/** What {@link opencvSource} opens, and how. */
export interface OpencvSourceOptions {
  /**
   * A camera, by its number (0 is the first) or, on Linux, by its path (`/dev/video0`, `/dev/v4l/by-id/…`); a video file; or a URL (`rtsp`, `rtsps`, `http`, `https`,
   * `rtmp`, `rtmps`, `srt`, `udp`, `rtp`, `tcp`, `file`).
   */
  readonly device: number | string
  /** Width in pixels that the camera is asked for, before rotation. Goes with `height`. Default: the camera's own. */
  readonly width?: number | undefined
  /** Height in pixels that the camera is asked for, before rotation. Goes with `width`. Default: the camera's own. */
  readonly height?: number | undefined
  /** The camera's own format, four characters such as `MJPG` or `YUYV`. High resolutions often exist as `MJPG` only. Default: the camera's own. */
  readonly fourcc?: string | undefined
  /** Frames per second that a camera is asked for, and the most that are delivered of any device. Default: all that come. */
  readonly frameRate?: number | undefined
  /**
   * Time from one delivered frame to the next, in ms: no shorter on average. Of the device's frames, which come at its own pace, the one nearest to each due time is delivered, so that single
   * ones come up to half of the device's spacing early; what is not due is never encoded. Default: that of `frameRate`.
   */
  readonly intervalMs?: number | undefined
  /** Turns the picture clockwise, in its pixels. Default 0. */
  readonly rotation?: 0 | 90 | 180 | 270 | undefined
  /** Mirrors the picture, after rotation: `horizontal` swaps left and right, `vertical` top and bottom. Default: not at all. */
  readonly flip?: 'horizontal' | 'vertical' | 'both' | undefined
  /** JPEG quality from 1 to 100. Default 90. */
  readonly quality?: number | undefined
  /**
   * Whether frames are dated by the moment they come in and the newest matter most, or by their place in the recording, which is then played in real time. Default:
   * false for local files and for URLs that end like a recording (mp4, m4v, mov, mkv, webm, avi); true for anything else. Cameras are always live.
   */
  readonly live?: boolean | undefined
  /** How an RTSP server sends. Default `tcp`. */
  readonly rtspTransport?: 'tcp' | 'udp' | undefined
  /** A live device that is silent for so long, in ms, ends the run. From 100 to 600,000. Default 10,000. */
  readonly timeoutMs?: number | undefined
  /** Default: for cameras `v4l2` on Linux, `avfoundation` on macOS, `dshow` on Windows; `ffmpeg` for files and URLs. */
  readonly backend?: OpencvBackend | undefined
}

/** @throws TypeError or RangeError naming the option that is wrong. */
export function validateOptions(options: OpencvSourceOptions): void {
  expectObject('options', options)
  expectKnownOptions('opencvSource', options, known)
  const { frameRate, intervalMs, rotation, flip, quality, live, rtspTransport, timeoutMs, backend } = options
  expectDevice(options.device)
  expectMode(options)
  if (frameRate !== undefined) expectPositive('frameRate', frameRate)
  if (intervalMs !== undefined) expectPositive('intervalMs', intervalMs)
  if (rotation !== undefined) expectOneOf('rotation', rotation, [0, 90, 180, 270])
  if (flip !== undefined) expectOneOf('flip', flip, ['horizontal', 'vertical', 'both'])
  if (quality !== undefined) expectNumber('quality', quality, { min: 1, max: 100, integer: true })
  if (live !== undefined) expectBoolean('live', live)
  if (rtspTransport !== undefined) expectOneOf('rtspTransport', rtspTransport, ['tcp', 'udp'])
  if (timeoutMs !== undefined) expectNumber('timeoutMs', timeoutMs, { min: 100, max: 600_000 })
  if (backend !== undefined) expectOneOf('backend', backend, backends)
}

const backends: readonly OpencvBackend[] = ['v4l2', 'avfoundation', 'dshow', 'msmf', 'ffmpeg', 'gstreamer']

const known = [
  'device',
  'width',
  'height',
  'fourcc',
  'frameRate',
  'intervalMs',
  'rotation',
  'flip',
  'quality',
  'live',
  'rtspTransport',
  'timeoutMs',
  'backend',
] as const satisfies readonly (keyof OpencvSourceOptions)[]

/** A history's table holds no larger pictures. */
const maxSize = 0xffff

function expectDevice(device: unknown): void {
  if (typeof device === 'number') {
    expectNumber('device', device, { min: 0, max: 99, integer: true })
    return
  }
  if (typeof device !== 'string')
    throw new TypeError(
      `Expected \`device\` to be a camera's number, a path or a URL, got ${device === null ? 'null' : typeof device}`,
    )
  expectString('device', device)
  if (device.includes('\0')) throw new TypeError('Expected `device` to be a string without zero bytes')
}

function expectMode({ width, height, fourcc }: OpencvSourceOptions): void {
  if (width !== undefined) expectNumber('width', width, { min: 1, max: maxSize, integer: true })
  if (height !== undefined) expectNumber('height', height, { min: 1, max: maxSize, integer: true })
  if ((width === undefined) !== (height === undefined))
    throw new TypeError('Expected `width` and `height` together: a camera knows modes, not widths')
  if (fourcc === undefined) return
  expectString('fourcc', fourcc)
  if (!/^[\x20-\x7e]{4}$/.test(fourcc))
    throw new TypeError(`Expected \`fourcc\` to be four characters such as "MJPG", got ${JSON.stringify(fourcc)}`)
}
