import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import type { InputPlan } from '../input/plan-input.js'
import type { FfmpegVersion } from './ffmpeg-version.js'

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

/**
 * FFmpeg's arguments: one process that writes the JPEG files one after the other to descriptor 1 and an index of their times and sizes to descriptor 3.
 */
export function ffmpegArguments(plan: InputPlan, options: FfmpegSourceOptions, version: FfmpegVersion): string[] {
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    ...inputArguments(plan, options),
    ...(options.inputOptions ?? []),
    ...['-i', plan.url],
    // V: no cover pictures of songs.
    ...['-map', '0:V:0', ...(plan.pace === 'arrival' ? ['-copyts'] : [])],
    ...jpegArguments(plan, options, version),
    ...['-f', 'tee', '[f=data]pipe\\:1|[f=framecrc:flush_packets=1]pipe\\:3'],
  ]
}

function inputArguments(plan: InputPlan, { rtspTransport = 'tcp', timeoutMs = 10_000 }: FfmpegSourceOptions): string[] {
  const { scheme = '', kind } = plan
  const list: string[] = []
  if (plan.format !== undefined) list.push('-f', plan.format)
  const whitelist = kind === 'device' ? undefined : protocols[kind === 'file' ? 'file' : scheme.replace(/s$/, '')]
  if (whitelist !== undefined) list.push('-protocol_whitelist', whitelist)
  if (plan.pace === 'arrival') {
    // One decoder thread: each further one would hold back a frame.
    list.push('-fflags', 'nobuffer', '-flags', 'low_delay', '-threads', '1', '-analyzeduration', '0', '-fpsprobesize', '0')
    if (plan.stamp !== 'device') list.push('-use_wallclock_as_timestamps', '1')
    if (plan.stamp === 'device' && /^v(ideo)?4/.test(plan.format ?? '')) list.push('-timestamps', 'abs')
  }
  const timeoutUs = String(Math.round(timeoutMs * 1000))
  if (/^rtsps?$/.test(scheme)) list.push('-rtsp_transport', rtspTransport, '-timeout', timeoutUs)
  else if (kind === 'network') list.push(/^(udp|rtp)$/.test(scheme) ? '-timeout' : '-rw_timeout', timeoutUs)
  return list
}

/** Decode, date, thin out, encode. One encoder thread, for each further one would hold back a frame. */
function jpegArguments(plan: InputPlan, { quality = 90, frameRate }: FfmpegSourceOptions, version: FfmpegVersion): string[] {
  const filters = ['settb=1/1000000', `setpts='${stampExpression(plan)}'`]
  if (frameRate !== undefined) filters.push(`select='${selectExpression(frameRate)}'`)
  const scale = 2 + (29 * (100 - quality)) / 99
  return [
    ...['-vf', filters.join(',')],
    ...(version.hasFrameRateMode ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']),
    // Without it the encoder rounds times to the nominal frame rate, and fails on two frames in one such step.
    ...['-enc_time_base', '1:1000000', '-threads', '1', '-c:v', 'mjpeg', '-q:v', scale.toFixed(1)],
  ]
}

/** The encoder ends FFmpeg when a pts does not rise; a wall clock that was stepped back by more than a second may do that: the run starts anew. */
function stampExpression(plan: InputPlan): string {
  // HTTP's multipart demuxer counts in steps of 40 ms, so its wall-clock stamps collide from 25 fps on.
  if (plan.pace === 'arrival' && plan.stamp === 'filter') return 'time(0)*1000000'
  const next = 'PREV_OUTPTS+1'
  if (plan.pace === 'media') return `if(isnan(PREV_OUTPTS),PTS,max(PTS,${next}))`
  return `if(lt(PTS,${next})*gt(PTS,PREV_OUTPTS-1000000),${next},PTS)`
}

/**
 * Lets a frame pass when it is due, a quarter of the interval of grace for jitter. Variable 0 holds when the next one is due; it advances by whole intervals, so
 * that the rate is met on average, and is set anew where time jumps. The `fps` filter would move the times.
 */
function selectExpression(frameRate: number): string {
  const interval = (1 / frameRate).toFixed(9)
  const due = 'ld(0)'
  const advance = `st(0,if(gt(abs(t-${due}),${interval}),t,${due})+${interval})`
  return `if(gte(t,${due}-${interval}/4)+lt(t,${due}-2*${interval}),1+0*${advance},0)`
}
