import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import type { InputPlan } from '../input/plan-input.js'
import type { DeviceCodec } from './device-formats.js'

/** What a URL of each kind may open in turn. A file opens nothing but files: a playlist from elsewhere must not reach into the network. */
const protocols: Readonly<Record<string, string>> = {
  file: 'file,crypto,data',
  http: 'http,https,tcp,tls,crypto,httpproxy,data',
  rtsp: 'rtsp,rtsps,rtp,srtp,udp,tcp,tls,http,https,httpproxy',
  rtmp: 'rtmp,rtmps,rtmpt,rtmpts,tcp,tls,http,https',
  srt: 'srt',
  udp: 'udp,rtp,srtp,rtcp',
  rtp: 'udp,rtp,srtp,rtcp',
  tcp: 'tcp',
}

/** Looking for what a live stream is made of takes at most so long, in µs. FFmpeg takes 0 for its default, which is 5 s for streams that do not say all at once. */
const analyzeUs = 500_000

/** How one process is to read its input. */
export interface Reading {
  readonly mode: 'copy' | 'jpeg'
  /** What a device is asked for. */
  readonly codec?: DeviceCodec
  /** A recording begins at this place, in ms. */
  readonly startMs?: number | undefined
}

/** What stands before `-i`, but for the user's own options. */
export function inputArguments(plan: InputPlan, options: FfmpegSourceOptions, reading: Reading): string[] {
  const { rtspTransport = 'tcp', timeoutMs = 10_000 } = options
  const { scheme = '', kind } = plan
  const list: string[] = []
  if (plan.format !== undefined) list.push('-f', plan.format)
  const whitelist = kind === 'device' ? undefined : protocols[kind === 'file' ? 'file' : scheme.replace(/s$/, '')]
  if (whitelist !== undefined) list.push('-protocol_whitelist', whitelist)
  if (plan.pace === 'arrival') list.push(...liveArguments(plan, reading))
  if (kind === 'device') list.push(...deviceArguments(plan, options, reading))
  if (reading.startMs) list.push('-ss', (reading.startMs / 1000).toFixed(6))
  const timeoutUs = String(Math.round(timeoutMs * 1000))
  if (/^rtsps?$/.test(scheme)) list.push('-rtsp_transport', rtspTransport, '-timeout', timeoutUs)
  else if (kind === 'network') list.push(/^(udp|rtp)$/.test(scheme) ? '-timeout' : '-rw_timeout', timeoutUs)
  return list
}

function liveArguments(plan: InputPlan, { mode }: Reading): string[] {
  // Copied pictures keep the input's own times, and those read while FFmpeg looks around are wanted too.
  const brief = ['-analyzeduration', String(analyzeUs), '-fpsprobesize', '0']
  if (mode === 'copy') return brief
  // One decoder thread: each further one would hold back a frame.
  const eager = ['-fflags', 'nobuffer', '-flags', 'low_delay', '-threads', '1', ...brief]
  return plan.stamp === 'device' ? eager : [...eager, '-use_wallclock_as_timestamps', '1']
}

/** Inputs that draw pictures or read them from elsewhere, and cannot be asked for a size. */
const withoutModes = /^(lavfi|iec61883|decklink|vfwcap)$/
const isV4l2 = (format: string) => /^v(ideo)?4/.test(format)

/** What cameras and screens are asked for (FFmpeg's documentation, "Input devices"). */
function deviceArguments({ format = '' }: InputPlan, options: FfmpegSourceOptions, { codec }: Reading): string[] {
  const { width, height, frameRate } = options
  const list: string[] = []
  if (isV4l2(format)) list.push('-timestamps', 'abs')
  if (codec !== undefined && isV4l2(format)) list.push('-input_format', codec)
  if (codec !== undefined && format === 'dshow') list.push('-vcodec', codec)
  if (withoutModes.test(format)) return list
  const hasSize = format !== 'fbdev' && format !== 'kmsgrab'
  if (width !== undefined && height !== undefined && hasSize) list.push('-video_size', `${width}x${height}`)
  if (frameRate !== undefined) list.push('-framerate', String(frameRate))
  return list
}
