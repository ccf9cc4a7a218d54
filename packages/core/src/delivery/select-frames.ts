import { inspect } from 'node:util'
import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { LookupOptions } from '../history/frame-info.js'
import type { EpochMs } from '../spec/frame.js'

/** Which picture a job wants: of one source, or of every one when it names none. */
export interface FrameRequest<Source extends string = string> extends LookupOptions {
  readonly source?: Source | undefined
  readonly targetTime: EpochMs
}

/** A request that has passed the checks: of one source, which exists. */
export interface CheckedRequest {
  readonly source: string
  readonly targetTime: EpochMs
  readonly lookup: LookupOptions
  /** The job named no source: of several, one that cannot answer does not fail the others. */
  readonly optional: boolean
}

export type Select<J, Source extends string = string> = (job: J) => FrameRequest<Source> | readonly FrameRequest<Source>[]

/** Most frames of one job. */
const MAX_FRAMES = 1_000

const matches: readonly unknown[] = [undefined, 'closest', 'before', 'after']

/**
 * Asks `select` what a job wants and checks the answer; a job of unknown origin is data, not code.
 *
 * @throws `SNAPMINT_JOB_INVALID` with a sentence for whoever filed the job.
 */
export function selectFrames<J>(
  job: J,
  select: Select<J>,
  sources: readonly string[],
  defaults: LookupOptions,
): readonly CheckedRequest[] {
  const answer = callSelect(job, select)
  const requests = Array.isArray(answer) ? (answer as readonly FrameRequest[]) : [answer as FrameRequest]
  if (requests.length === 0) throw invalid('The job asks for no frame: select answered an empty list')
  if (requests.length > MAX_FRAMES)
    throw invalid(`The job asks for ${requests.length} frames; at most ${MAX_FRAMES} go into one job`)
  try {
    return requests.flatMap((request) => checkRequest(request, sources, defaults))
  } catch (error) {
    // A request may be an object whose properties throw.
    throw SnapmintError.isInstance(error)
      ? error
      : invalid(`The request of this job cannot be read: ${errorMessage(error)}`, error)
  }
}

function callSelect<J>(job: J, select: Select<J>) {
  if (typeof job !== 'object' || job === null) throw invalid(`The job is ${job === null ? 'null' : typeof job}, not an object`)
  let answer: unknown
  try {
    answer = select(job)
  } catch (error) {
    if (SnapmintError.isInstance(error)) throw error
    throw invalid(`select threw on this job: ${errorMessage(error)}`, error)
  }
  if (!(answer instanceof Promise)) return answer
  answer.catch(() => {})
  throw invalid('select answered a promise; it must not be async: put what it needs into the job')
}

function checkRequest(request: FrameRequest, sources: readonly string[], defaults: LookupOptions): CheckedRequest[] {
  if (typeof request !== 'object' || request === null)
    throw invalid(`select answered ${String(request)}, not a request with a targetTime`)
  const { source, targetTime, match = defaults.match, toleranceMs = defaults.toleranceMs } = request
  if (typeof targetTime !== 'number') {
    throw invalid(
      `\`targetTime\` is ${describe(targetTime)}; it must be a number: milliseconds since the Unix epoch${suggestion(targetTime)}`,
    )
  }
  if (!Number.isFinite(targetTime) || targetTime < 0 || targetTime > LATEST_DATE) {
    throw invalid(`\`targetTime\` is ${targetTime}; it must be milliseconds since the Unix epoch, from 0 to ${LATEST_DATE}`)
  }
  if (targetTime > Date.now() + YEAR_MS) {
    throw invalid(
      `\`targetTime\` is ${targetTime}, more than a year ahead; is it in microseconds? It must be in milliseconds since the Unix epoch`,
    )
  }
  if (!matches.includes(match)) throw invalid(`\`match\` is ${describe(match)}; it must be "closest", "before" or "after"`)
  if (toleranceMs !== undefined && !(typeof toleranceMs === 'number' && toleranceMs >= 0)) {
    throw invalid(`\`toleranceMs\` is ${describe(toleranceMs)}; it must be a number of at least 0`)
  }
  if (source !== undefined && !sources.includes(source)) {
    throw invalid(`\`source\` is ${describe(source)}, but this pipeline has ${sources.map((name) => `"${name}"`).join(', ')}`)
  }
  const names = source === undefined ? sources : [source]
  return names.map((name) => ({
    source: name,
    targetTime,
    lookup: { match, toleranceMs },
    optional: source === undefined && sources.length > 1,
  }))
}

/** No source is waited for longer, and microseconds taken for milliseconds lie much farther ahead. */
const YEAR_MS = 366 * 86_400_000
/** Latest time that a Date can hold (ECMA-262, time values). */
const LATEST_DATE = 8.64e15

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  return `${typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0 })} (${value === null ? 'null' : typeof value})`
}

function suggestion(value: unknown): string {
  const parsed =
    typeof value === 'string'
      ? value.trim() === ''
        ? Number.NaN
        : Number.isFinite(Number(value))
          ? Number(value)
          : Date.parse(value)
      : Number.NaN
  return Number.isFinite(parsed) ? `, here ${parsed}` : ''
}

function invalid(message: string, cause?: unknown): SnapmintError {
  return new SnapmintError('SNAPMINT_JOB_INVALID', message, { cause })
}
