import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseDuration } from './duration.js'
import { UserError } from './user-error.js'

export interface QuickstartOptions {
  /** Video file, URL or device; undefined: the sketch camera. */
  readonly input: string | undefined
  /** The screen instead of an input. */
  readonly screen: boolean
  /** Absolute. */
  readonly dataDirectory: string
  /** Undefined: until Ctrl-C. */
  readonly durationMs: number | undefined
  readonly help: boolean
}

export const usage = `Snapmint quickstart: captures a camera and delivers the picture of the moment that a job asks for.

  npm start -- [options]

  --input <file|url|device>  real input through FFmpeg: video.mp4, rtsp://…, /dev/video0 (default: a sketch that draws itself)
  --screen                   the primary display of this computer, five times a second (needs FFmpeg on X11)
  --for <duration>           ends by itself: 500ms, 20s, 2m; exit code 0 only if every job was delivered (default: until Ctrl-C)
  --data <folder>            jobs, pictures and checkpoints go here (default: ./snapmint-data)
  --help                     shows this

While it runs, drop a job into <folder>/jobs/new, for example ask.json: { "targetTime": ${Date.UTC(2026, 0, 1)} }  (ms since 1970)`

/**
 * Reads the command line.
 * @param directory what relative paths refer to: where the user is.
 * @throws UserError for an option that is unknown, lacks its value or has a wrong one.
 */
export function readOptions(args: readonly string[], directory: string): QuickstartOptions {
  const { input, data = 'snapmint-data', for: duration, screen = false, help = false } = parse(args)
  if (input === '') throw new UserError('--input needs a video file, a URL or a device')
  if (screen && input !== undefined) throw new UserError('--screen and --input exclude each other: one camera at a time')
  if (data === '') throw new UserError('--data needs a folder')
  return {
    input: input === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(input) ? input : resolve(directory, input),
    screen,
    dataDirectory: resolve(directory, data),
    durationMs: duration === undefined ? undefined : parseDuration('--for', duration),
    help,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        input: { type: 'string' },
        screen: { type: 'boolean' },
        for: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UserError(explain(error))
  }
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const [, name = ''] = /'(.*?)(?: <value>)?'/.exec(message) ?? []
  const more = 'see npm start -- --help'
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `Unknown option ${name}; ${more}`
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return `Unexpected argument "${name}"; ${more}`
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    const option = name.replace(/^-\w, /, '')
    return /^--(help|screen)$/.test(option) ? `${option} takes no value; ${more}` : `${option} needs a value; ${more}`
  }
  throw error
}
