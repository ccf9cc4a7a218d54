import type { ScreenRegion } from '../screen-source-options.js'

/** What FFmpeg is to grab, and from what. */
export type GrabInput =
  | { readonly kind: 'x11'; readonly screen: string; readonly windowId?: number | undefined; readonly area: ScreenRegion }
  /** `area` in the coordinates of the whole desktop. */
  | { readonly kind: 'windows'; readonly area: ScreenRegion }
  /** `displayIndex` as AVFoundation counts screens; `area` within that one. */
  | { readonly kind: 'macos'; readonly displayIndex: number; readonly area: ScreenRegion }

export interface GrabSettings {
  readonly frameRate: number
  readonly quality: number
  readonly cursor: boolean
}

/**
 * FFmpeg's arguments: one process that writes JPEG files one after the other to descriptor 1 and an index of their times and sizes to descriptor 3. The times are
 * those at which the grabber began to read the screen, in µs since the epoch by the wall clock.
 */
export function grabArguments(input: GrabInput, { frameRate, quality, cursor }: GrabSettings): string[] {
  // Grabbers let an interval pass before their first picture, which at low rates would be seconds.
  const every = Math.ceil(1 / frameRate)
  const filters = [...(every > 1 ? [`select=not(mod(n\\,${every}))`] : []), ...cropFilter(input)]
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    // Nothing is looked at ahead, and nothing is held back: each further thread would hold back a frame.
    ...['-flags', 'low_delay', '-threads', '1', '-analyzeduration', '0', '-fpsprobesize', '0'],
    ...inputArguments(input, String(frameRate * every), cursor ? '1' : '0'),
    ...['-map', '0:v:0', '-copyts', ...(filters.length > 0 ? ['-vf', filters.join(',')] : []), '-fps_mode', 'passthrough'],
    // Without it the encoder rounds times to the nominal frame rate, and fails on two frames in one such step.
    ...['-enc_time_base', '1:1000000', '-threads', '1'],
    ...['-c:v', 'mjpeg', '-pix_fmt', 'yuvj444p', '-qmin', '1', '-q:v', scaleOf(quality)],
    ...['-f', 'tee', '[f=data]pipe\\:1|[f=framecrc:flush_packets=1]pipe\\:3'],
  ]
}

function inputArguments(input: GrabInput, frameRate: string, pointer: '0' | '1'): string[] {
  const { area } = input
  const size = `${area.width}x${area.height}`
  if (input.kind === 'x11') {
    const place = ['-grab_x', String(area.x), '-grab_y', String(area.y), '-video_size', size]
    const window = input.windowId === undefined ? [] : ['-window_id', String(input.windowId)]
    return ['-f', 'x11grab', '-framerate', frameRate, '-draw_mouse', pointer, ...window, ...place, '-i', input.screen]
  }
  if (input.kind === 'windows') {
    const place = ['-offset_x', String(area.x), '-offset_y', String(area.y), '-video_size', size]
    return ['-f', 'gdigrab', '-framerate', frameRate, '-draw_mouse', pointer, ...place, '-i', 'desktop']
  }
  // Its own times count from the machine's start.
  const wallClock = ['-use_wallclock_as_timestamps', '1']
  const device = `Capture screen ${input.displayIndex}:none`
  return ['-f', 'avfoundation', ...wallClock, '-framerate', frameRate, '-capture_cursor', pointer, '-i', device]
}

/** AVFoundation's screens cannot be read in part. */
function cropFilter({ kind, area }: GrabInput): string[] {
  return kind === 'macos' ? [`crop=${area.width}:${area.height}:${area.x}:${area.y}`] : []
}

/**
 * FFmpeg's quantiser scale, from 1 to 31, for a quality as libjpeg counts it. Their tables differ in shape; scaled like this they have the same mean: libjpeg's is 57.6 × s, with
 * s = 50 / quality below 50 and 2 − quality / 50 above, FFmpeg's 29 × scale / 8.
 */
function scaleOf(quality: number): string {
  const s = quality < 50 ? 50 / quality : 2 - quality / 50
  return Math.min(31, Math.max(1, 15.9 * s)).toFixed(1)
}
