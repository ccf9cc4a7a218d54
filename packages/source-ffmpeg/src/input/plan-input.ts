import { fileURLToPath } from 'node:url'
import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import { createRedactor } from './redact.js'

/** What an input is, and how it is therefore treated. */
export interface InputPlan {
  readonly kind: 'file' | 'network' | 'device'
  /** What follows `-i`. Never read as an option or as a protocol that the user did not mean. */
  readonly url: string
  /** The path of a file, as the user gave it. */
  readonly path?: string | undefined
  readonly scheme?: string | undefined
  readonly format?: string | undefined
  /** `arrival`: dated when it comes in. `media`: dated by the recording's own time line, played in real time. */
  readonly pace: 'arrival' | 'media'
  /** Where the wall clock's time comes from: the device, FFmpeg's demuxer, or a filter after the decoder. */
  readonly stamp: 'device' | 'demuxer' | 'filter'
  /** Who reads it first: this process itself, or FFmpeg. */
  readonly reader: 'rtsp' | 'mjpeg' | 'ffmpeg'
  /** Every picture becomes a JPEG, even where it could be handed on as it came. */
  readonly transcode: boolean
  readonly loop: boolean
  readonly finite: boolean
  /** Removes the input's credentials from a text. */
  readonly redact: (text: string) => string
  /** The input as messages show it. */
  readonly label: string
}

const schemes = ['rtsp', 'rtsps', 'http', 'https', 'rtmp', 'rtmps', 'srt', 'udp', 'rtp', 'tcp']
/** libavdevice's inputs, and lavfi: their "file name" is none. */
const deviceFormats =
  /^(v4l2|video4linux2|avfoundation|dshow|vfwcap|gdigrab|x11grab|xcbgrab|kmsgrab|fbdev|decklink|android_camera|iec61883|lavfi)$/
/** Devices whose pts are the wall clock's already (v4l2 when asked), nearer to the exposure than any later stamp. */
const selfStampingFormats = /^(v4l2|video4linux2|x11grab|xcbgrab|gdigrab)$/
const recording = /\.(mp4|m4v|mov|mkv|webm|avi)$/i
/** A playlist is fetched in segments, many seconds at once: only its own time line says when a frame was. */
const playlist = /\.(m3u8|mpd)$/i

/**
 * Sorts the input.
 * @throws TypeError for a URL of a kind that is not supported, and for `loop` or `startMs` with something live.
 */
export function planInput(options: FfmpegSourceOptions): InputPlan {
  const { input, loop = false } = options
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(input)?.[1]?.toLowerCase()
  const format = options.inputFormat ?? (/^\/dev\/video\d/.test(input) ? 'v4l2' : undefined)
  const kind = deviceFormats.test(format ?? '') ? 'device' : scheme === undefined || scheme === 'file' ? 'file' : 'network'
  const { redact, label } = createRedactor(input, options.inputOptions)
  if (kind === 'network' && !schemes.includes(scheme ?? ''))
    throw new TypeError(`Expected \`input\` to be a path, a device or a URL of ${schemes.join(', ')} or file, got "${label}"`)

  const urlPath = kind === 'network' ? (input.split(/[?#]/)[0] ?? '') : ''
  const live = options.live ?? (kind === 'file' || format === 'lavfi' ? false : !recording.test(urlPath))
  if (loop && live)
    throw new TypeError(`Expected \`loop\` with a recording only; "${label}" is live. Set \`live: false\` if it is not`)
  if (options.startMs && live)
    throw new TypeError(`Expected \`startMs\` with a recording only; "${label}" is live. Set \`live: false\` if it is not`)
  const transcode = wantsJpeg(options, kind)
  const path = kind !== 'file' ? undefined : scheme === 'file' ? fileURLToPath(input) : input
  return {
    kind,
    url: path === undefined ? input : `file:${path}`,
    path,
    scheme,
    format,
    pace: live && !playlist.test(urlPath) ? 'arrival' : 'media',
    stamp: selfStampingFormats.test(format ?? '')
      ? 'device'
      : kind === 'network' && /^https?$/.test(scheme ?? '')
        ? 'filter'
        : 'demuxer',
    reader: live && isReadHere(options, transcode, scheme) ? readerOf(scheme, urlPath, format) : 'ffmpeg',
    transcode,
    loop,
    finite: !live && !loop,
    redact,
    label,
  }
}

/** The pictures of a device that compresses them one by one need no decoding to be thinned out. */
function wantsJpeg({ encode, quality, frameRate }: FfmpegSourceOptions, kind: InputPlan['kind']): boolean {
  if (encode !== undefined) return encode === 'jpeg'
  return quality !== undefined || (frameRate !== undefined && kind !== 'device')
}

/** Further arguments are FFmpeg's: who gives some means FFmpeg. What comes over HTTP may be single pictures: those need no encoding to be thinned out. */
function isReadHere({ encode, quality, inputOptions }: FfmpegSourceOptions, transcode: boolean, scheme: string | undefined) {
  if ((inputOptions?.length ?? 0) > 0) return false
  return !transcode || (encode === undefined && quality === undefined && (scheme === 'http' || scheme === 'https'))
}

function readerOf(scheme: string | undefined, urlPath: string, format: string | undefined): InputPlan['reader'] {
  if (format !== undefined && format !== 'mpjpeg') return 'ffmpeg'
  if (scheme === 'rtsp' || scheme === 'rtsps') return 'rtsp'
  return (scheme === 'http' || scheme === 'https') && !playlist.test(urlPath) ? 'mjpeg' : 'ffmpeg'
}
