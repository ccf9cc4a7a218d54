import {
  expectBoolean,
  expectKnownOptions,
  expectNumber,
  expectObject,
  expectOneOf,
  expectPositive,
  expectString,
} from '@snapmint/core/adapter'

/** What {@link ffmpegSource} plays, and how. */
export interface FfmpegSourceOptions {
  /**
   * A path, a URL (`rtsp`, `rtsps`, `http`, `https`, `rtmp`, `rtmps`, `srt`, `udp`, `rtp`, `tcp`, `file`) or a device as FFmpeg names it: `/dev/video0`,
   * or with `inputFormat` for example `:0.0` (`x11grab`) or `0:none` (`avfoundation`).
   */
  readonly input: string
  /** FFmpeg's name of the input's format: `v4l2`, `avfoundation`, `dshow`, `x11grab`, `mpegts` … Default: FFmpeg finds out; `v4l2` for `/dev/video…`. */
  readonly inputFormat?: string | undefined
  /**
   * Whether frames are dated by the moment they come in (a camera), or by their place in the recording, which is then played in real time. Default: false for
   * local files and for URLs that end like a recording (mp4, m4v, mov, mkv, webm, avi); true for anything else.
   */
  readonly live?: boolean | undefined
  /** Plays a recording again and again. Default false. */
  readonly loop?: boolean | undefined
  /**
   * `auto` hands on what comes as it came, without decoding or encoding: H.264, H.265 and MJPEG. Anything else becomes JPEG, and so does video whose pictures come
   * in another order than they are shown (B-frames). `jpeg` encodes everything. Default `auto`; `jpeg` where `frameRate` or `quality` is given.
   */
  readonly encode?: 'auto' | 'jpeg' | undefined
  /** Width in pixels asked of a device. Given with `height`. Default: the device's own. */
  readonly width?: number | undefined
  /** Height in pixels asked of a device. Given with `width`. Default: the device's own. */
  readonly height?: number | undefined
  /** A recording begins at this place, in ms; a loop too, in its first round. Default 0. */
  readonly startMs?: number | undefined
  /**
   * Whose clock dates a live stream: `sender`, the camera's (RTCP sender reports, or a header); `arrival`, ours when a picture comes in. `auto` trusts the camera's as
   * long as its pictures then come in 0 to 500 ms after they were taken. Default `auto`.
   */
  readonly clock?: 'auto' | 'sender' | 'arrival' | undefined
  /** At most so many frames per second; the rest is dropped before it is encoded. Times stay exact. Default: all. */
  readonly frameRate?: number | undefined
  /** JPEG quality from 1 to 100, mapped onto FFmpeg's scale. Default 90. */
  readonly quality?: number | undefined
  /** How an RTSP server sends. Default `tcp`. */
  readonly rtspTransport?: 'tcp' | 'udp' | undefined
  /** A server that is silent for so long, in ms, ends the run. From 100 to 600,000. Default 10,000. */
  readonly timeoutMs?: number | undefined
  /** At most so many bytes of live frames wait for the consumer; then the oldest are dropped. At least 1 MiB. Default 64 MiB. */
  readonly maxQueueBytes?: number | undefined
  /** The program. Default `ffmpeg`, found through `PATH`. FFmpeg 5 or later. */
  readonly ffmpegPath?: string | undefined
  /** Further arguments for FFmpeg, placed before `-i`: they win over this adapter's own. Default none. */
  readonly inputOptions?: readonly string[] | undefined
}

const known = [
  'input',
  'inputFormat',
  'live',
  'loop',
  'encode',
  'width',
  'height',
  'startMs',
  'clock',
  'frameRate',
  'quality',
  'rtspTransport',
  'timeoutMs',
  'maxQueueBytes',
  'ffmpegPath',
  'inputOptions',
] as const satisfies readonly (keyof FfmpegSourceOptions)[]

/** @throws TypeError or RangeError naming the option that is wrong. */
export function validateOptions(options: FfmpegSourceOptions): void {
  expectObject('options', options)
  expectKnownOptions('ffmpegSource', options, known)
  const { input, inputFormat, live, loop, frameRate, quality, rtspTransport } = options
  const { encode, width, height, startMs, clock, timeoutMs, maxQueueBytes, ffmpegPath, inputOptions } = options
  expectArgument('input', input)
  if (inputFormat !== undefined) expectArgument('inputFormat', inputFormat)
  if (live !== undefined) expectBoolean('live', live)
  if (loop !== undefined) expectBoolean('loop', loop)
  if (encode !== undefined) expectOneOf('encode', encode, ['auto', 'jpeg'])
  if (width !== undefined) expectNumber('width', width, { min: 1, max: 65_535, integer: true })
  if (height !== undefined) expectNumber('height', height, { min: 1, max: 65_535, integer: true })
  if ((width === undefined) !== (height === undefined))
    throw new TypeError('Expected `width` and `height` to be given together, got only one of them')
  if (startMs !== undefined) expectNumber('startMs', startMs, { min: 0 })
  if (clock !== undefined) expectOneOf('clock', clock, ['auto', 'sender', 'arrival'])
  if (frameRate !== undefined) expectPositive('frameRate', frameRate)
  if (quality !== undefined) expectNumber('quality', quality, { min: 1, max: 100 })
  if (rtspTransport !== undefined) expectOneOf('rtspTransport', rtspTransport, ['tcp', 'udp'])
  if (timeoutMs !== undefined) expectNumber('timeoutMs', timeoutMs, { min: 100, max: 600_000 })
  if (maxQueueBytes !== undefined) expectNumber('maxQueueBytes', maxQueueBytes, { min: 2 ** 20, integer: true })
  if (ffmpegPath !== undefined) expectArgument('ffmpegPath', ffmpegPath)
  if (inputOptions !== undefined) expectArguments('inputOptions', inputOptions)
}

/** The operating system ends an argument at a zero byte. */
function expectArgument(name: string, value: unknown): asserts value is string {
  expectString(name, value)
  if (value.includes('\0')) throw new TypeError(`Expected \`${name}\` to be a string without zero bytes`)
}

function expectArguments(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw new TypeError(`Expected \`${name}\` to be an array of strings, got ${typeof value}`)
  value.forEach((item, index) => {
    if (typeof item !== 'string' || item.includes('\0'))
      throw new TypeError(`Expected \`${name}[${index}]\` to be a string without zero bytes, got ${typeof item}`)
  })
}
