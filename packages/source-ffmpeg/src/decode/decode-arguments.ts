import { packetOutput } from '../ffmpeg/ffmpeg-arguments.js'
import type { FfmpegVersion } from '../ffmpeg/ffmpeg-version.js'
import { jpegColors, jpegScale } from '../ffmpeg/jpeg-arguments.js'

/** FFmpeg's name of the format of a run of chunks; undefined for a codec that is not supported. */
export function formatOf(codec: string): 'h264' | 'hevc' | undefined {
  if (/^avc[1-4]\b/.test(codec)) return 'h264'
  return /^(hvc1|hev1)\b/.test(codec) ? 'hevc' : undefined
}

/**
 * FFmpeg's arguments: one process that reads a run of chunks from its standard input and writes the pictures at `positions`, which rise, as JPEG.
 * At `verbose` it tells at the end how many pictures it decoded.
 */
export function decodeArguments(
  format: 'h264' | 'hevc',
  positions: readonly number[],
  { quality, version, threads }: { readonly quality: number; readonly version: FfmpegVersion; readonly threads: number },
): string[] {
  const select = positions.map((position) => `eq(n,${position})`).join('+')
  // Chunks come in the order in which they are shown, so the n-th picture is that of the n-th chunk. Their times are of no use here.
  const filters = [`select='${select}'`, 'settb=1/1000', 'setpts=N', jpegColors]
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'level+verbose', '-threads', String(threads)],
    // All that there is to know comes with the first chunk.
    ...['-fpsprobesize', '0', '-analyzeduration', '0', '-f', format, '-i', 'pipe:0'],
    ...['-map', '0:v:0', '-vf', filters.join(',')],
    ...(version.hasFrameRateMode ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']),
    ...['-enc_time_base', '1:1000', '-threads', String(threads), '-c:v', 'mjpeg', '-q:v', jpegScale(quality)],
    ...packetOutput,
  ]
}
