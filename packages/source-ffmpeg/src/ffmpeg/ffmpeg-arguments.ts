import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import type { InputPlan } from '../input/plan-input.js'
import type { FfmpegVersion } from './ffmpeg-version.js'
import { inputArguments, type Reading } from './input-arguments.js'
import { jpegColors, jpegScale } from './jpeg-arguments.js'

/** FFmpeg writes packets one after the other to descriptor 1, and an index of their times and sizes to descriptor 3. */
export const packetOutput: readonly string[] = ['-f', 'tee', '[f=data]pipe\\:1|[f=framecrc:flush_packets=1]pipe\\:3']

/** FFmpeg's arguments: one process that reads the input as it is, or encodes each of its pictures as JPEG, and writes {@link packetOutput}. */
export function ffmpegArguments(
  plan: InputPlan,
  options: FfmpegSourceOptions,
  version: FfmpegVersion,
  reading: Reading,
): string[] {
  return [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'level+info'],
    ...inputArguments(plan, options, reading),
    ...(options.inputOptions ?? []),
    ...['-i', plan.url],
    // V: no cover pictures of songs.
    ...['-map', '0:V:0', ...(plan.pace === 'arrival' ? ['-copyts'] : [])],
    ...(reading.mode === 'copy' ? copyArguments : jpegArguments(plan, options, version)),
    ...packetOutput,
  ]
}

/** Without `copytb` times would be rounded to the frame rate. Parameter sets, wherever the container keeps them, go before each key packet. */
const copyArguments: readonly string[] = ['-c', 'copy', '-copytb', '1', '-bsf:v', 'dump_extra=freq=keyframe']

/** Decode, date, thin out, encode. One encoder thread, for each further one would hold back a frame. */
function jpegArguments(plan: InputPlan, { quality = 90, frameRate }: FfmpegSourceOptions, version: FfmpegVersion): string[] {
  const filters = ['settb=1/1000000', `setpts='${stampExpression(plan)}'`]
  if (frameRate !== undefined) filters.push(`select='${selectExpression(frameRate)}'`)
  return [
    ...['-vf', [...filters, jpegColors].join(',')],
    ...(version.hasFrameRateMode ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']),
    // Without it the encoder rounds times to the nominal frame rate, and fails on two frames in one such step.
    ...['-enc_time_base', '1:1000000', '-threads', '1', '-c:v', 'mjpeg', '-q:v', jpegScale(quality)],
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
