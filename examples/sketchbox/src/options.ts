import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UserError } from './user-error.js'

export interface SketchboxOptions {
  /** Firestore and Storage on this machine, and viewers that file jobs. */
  readonly emulators: boolean
  /** Of `emulators`: without them, also where they are installed. */
  readonly inMemory: boolean
  /** Jobs that are filed; undefined: until the end. */
  readonly jobs: number | undefined
  /** Undefined: until Ctrl-C, or until all jobs have come out. */
  readonly durationMs: number | undefined
  /** Absolute: where pictures and checkpoints of `--emulators` go. */
  readonly dataDirectory: string
  readonly help: boolean
}

export const usage = `The sketchbox: pictures of the moments that Firestore documents ask for, into Firebase Storage.

  npm run example:sketchbox -- [options]

  --emulators       no account needed: Firestore and Storage on this machine, test pictures (or CAMERA_INDEX), and viewers that mint
  --in-memory       the same without any emulator: what stands in for them starts at once
  --jobs <number>   with --emulators: so many jobs, and then the end (default: one a second or so until Ctrl-C)
  --for <duration>  ends by itself: 30, 30s, 5m, 2h (default: until Ctrl-C); with --emulators exit code 0 only if every job came out right
  --data <folder>   with --emulators: pictures and checkpoints go here (default: ./snapmint-data/sketchbox)
  --help            shows this

Its settings are environment variables: CONTRACT_ADDRESS, STORAGE_URL, CAMERA_INDEX, CAPTURE_WIDTH, CAPTURE_HEIGHT, CAPTURE_FREQUENCY, CHECKPOINT_FREQUENCY,
BATCH_FREQUENCY, BUFFER_SIZE, IS_MOCK. examples/sketchbox/README.md says what they do.`

/**
 * Reads the command line.
 * @param directory what relative paths refer to.
 * @throws UserError
 */
export function readOptions(args: readonly string[], directory: string): SketchboxOptions {
  const { 'in-memory': inMemory = false, emulators = inMemory, jobs, for: duration, data, help = false } = parse(args)
  if (!emulators && (jobs ?? data) !== undefined)
    throw new UserError(
      `--${jobs === undefined ? 'data' : 'jobs'} goes with --emulators: without it jobs come from your collection`,
    )
  if (data === '') throw new UserError('--data needs a folder')
  return {
    emulators,
    inMemory,
    jobs: jobs === undefined ? undefined : parseCount(jobs),
    durationMs: duration === undefined ? undefined : parseDuration(duration),
    dataDirectory: resolve(directory, data ?? 'snapmint-data/sketchbox'),
    help,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        emulators: { type: 'boolean' },
        'in-memory': { type: 'boolean' },
        jobs: { type: 'string' },
        for: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/\.\s|\n/)
    throw new UserError(`${sentence}; see npm run example:sketchbox -- --help`)
  }
}

function parseCount(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (count >= 1) return count
  throw new UserError(`--jobs needs a number from 1 to 999999, got "${text}"`)
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const
/** Node's timers hold no more than 31 bits. */
const longestMs = 2 ** 31 - 1

function parseDuration(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(text) ?? []
  const durationMs = Number(amount) * unitMs[unit as keyof typeof unitMs]
  if (durationMs >= 1 && durationMs <= longestMs) return durationMs
  throw new UserError(`--for needs a duration such as 30s, 5m or 2h, at most 24 days, got "${text}"`)
}
