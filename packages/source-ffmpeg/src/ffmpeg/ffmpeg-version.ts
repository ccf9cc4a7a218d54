import { SnapmintError } from '@snapmint/core/adapter'
import { type ProgramResult, runProgram } from './run-program.js'

export interface FfmpegVersion {
  /** As the program says it: `5.1.9-0+deb12u1`. */
  readonly name: string
  /** Knows `-fps_mode` (FFmpeg 5.1); before, it was `-vsync`. */
  readonly hasFrameRateMode: boolean
}

const howToInstall =
  'Install it (Debian, Ubuntu: `sudo apt install ffmpeg`; macOS: `brew install ffmpeg`; Windows: `winget install ffmpeg`) or say where it is with the option `ffmpegPath`'
/** Generous: a machine that starts from cold reads some 100 MB of libraries. */
const probeTimeoutMs = 20_000

/** What a machine lacks for a moment, and not for good: time, processes, memory, descriptors. */
const passing = ['ETIMEDOUT', 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']

/**
 * Asks the program for its version.
 * @throws `SNAPMINT_MISSING_DEPENDENCY` when it is missing, does not start, is no FFmpeg or is older than 5; `SNAPMINT_SOURCE_UNAVAILABLE` when the machine
 *   is too busy for an answer. The signal's reason when aborted.
 */
export async function probeFfmpeg(path: string, signal: AbortSignal, timeoutMs = probeTimeoutMs): Promise<FfmpegVersion> {
  const result = await runProgram(path, ['-version'], { signal, timeoutMs })
  if (result.failure !== undefined && passing.includes(result.failure)) throw tooBusy(path, result.failure, timeoutMs)
  const version = parseFfmpegVersion(result.stdout)
  if (typeof version === 'string') throw missing(explain(path, version, result))
  return version
}

function explain(path: string, problem: string, { failure }: ProgramResult): string {
  if (failure === 'ENOENT') return `The program "${path}" was not found`
  if (failure === 'EACCES') return `The program "${path}" may not be executed`
  return `The program "${path}" ${problem}`
}

function tooBusy(path: string, failure: string, timeoutMs: number): SnapmintError {
  const what = failure === 'ETIMEDOUT' ? `did not tell its version within ${timeoutMs} ms` : `could not be started (${failure})`
  const message = `The program "${path}" ${what}: the machine may be too busy, or out of resources`
  return new SnapmintError('SNAPMINT_SOURCE_UNAVAILABLE', message, { adapter: 'ffmpeg', retryable: true })
}

function missing(what: string): SnapmintError {
  const message = `${what}: FFmpeg 5 or later is needed. ${howToInstall}`
  return new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { adapter: 'ffmpeg', retryable: false })
}

/**
 * Reads the output of `ffmpeg -version`. Builds from git call themselves by a hash or a date, so the version of libavutil decides: 57 came with FFmpeg 5.
 * @returns the version, or what is wrong with it.
 */
export function parseFfmpegVersion(output: string): FfmpegVersion | string {
  const name = /^ffmpeg version (\S+)/m.exec(output)?.[1]
  const library = /^libavutil\s+(\d+)\.\s*(\d+)\./m.exec(output)
  if (name === undefined || library === null) return 'does not answer `-version` as FFmpeg does'
  const major = Number(library[1])
  if (major < 57) return `is FFmpeg ${name}, which is too old`
  return { name, hasFrameRateMode: major > 57 || Number(library[2]) >= 28 }
}
