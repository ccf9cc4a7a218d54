import type { SnapmintErrorCode } from '../../errors/error-codes.js'
import type { EpochMs } from '../../spec/frame.js'
import type { Job } from '../../spec/job-source.js'

/** A job as its file says it: `targetTime`, perhaps `source`, and whatever else its author wrote. */
export type DirectoryJob<Source extends string = string> = Job<Source> & { readonly [name: string]: unknown }

export interface JobFault {
  readonly code: SnapmintErrorCode
  /** For people: what was found, and what to write instead. */
  readonly message: string
  /** What was read, where it is JSON. */
  readonly job?: unknown
  /** Whether the file may only be unfinished. */
  readonly mayGrow: boolean
}

export type ParsedJob =
  | { readonly job: DirectoryJob; readonly fault?: undefined }
  | { readonly job?: undefined; readonly fault: JobFault }

/** Latest time that a Date can hold, by ECMAScript. */
const latestTime: EpochMs = 8.64e15

/** Reads a job from the bytes of its file: JSON in UTF-8, or in UTF-16 with a byte order mark, as some Windows programs write it. */
export function parseJob(bytes: Uint8Array, now: EpochMs): ParsedJob {
  const example = `{ "targetTime": ${Math.round(now)} }`
  const text = decodeText(bytes)
  if (text.trim() === '') return malformed(`The file is empty. Write a JSON object such as ${example}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return malformed(`The file is not valid JSON: ${explain(error, text)}. Write a JSON object such as ${example}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return malformed(`The file holds ${describe(value)} where a job is a JSON object. Write ${example}`, value)
  return checkJob(value as Record<string, unknown>, now)
}

/** Checks the fields of a job. */
export function checkJob(job: Record<string, unknown>, now: EpochMs): ParsedJob {
  const { targetTime, source } = job
  const wrong = targetTimeFault(targetTime, now) ?? sourceFault(source)
  if (wrong !== undefined) return { fault: { code: 'SNAPMINT_JOB_INVALID', message: wrong, job, mayGrow: false } }
  return { job: job as DirectoryJob }
}

/** The text of a file, whatever its byte order mark says. */
export function decodeText(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

function targetTimeFault(targetTime: unknown, now: EpochMs): string | undefined {
  if (typeof targetTime === 'number' && targetTime >= 0 && targetTime <= latestTime) return undefined
  const example = `write milliseconds since 1970 as a number, such as "targetTime": ${Math.round(now)} for now`
  if (targetTime === undefined) return `\`targetTime\`, the moment that the picture is to show, is missing: ${example}`
  if (typeof targetTime !== 'string') return `\`targetTime\` is ${describe(targetTime)}: ${example}`
  const meant = targetTime.trim() === '' ? Number.NaN : Number(targetTime)
  const time = Number.isNaN(meant) ? Date.parse(targetTime) : meant
  const advice = time >= 0 && time <= latestTime ? `write the number ${time}, without quotes` : example
  return `\`targetTime\` is ${describe(targetTime)}: ${advice}`
}

function sourceFault(source: unknown): string | undefined {
  if (source === undefined || (typeof source === 'string' && source !== '')) return undefined
  return `\`source\` is ${describe(source)}: write the name of a source in quotes, or leave it out to ask every source`
}

function malformed(message: string, job?: unknown): ParsedJob {
  return { fault: { code: 'SNAPMINT_JOB_MALFORMED', message, job, mayGrow: true } }
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `the text ${JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)}`
  if (typeof value === 'boolean') return String(value)
  return Number.isFinite(value) ? `the number ${value}` : 'a number too large to be a time'
}

/** What JSON.parse says, with the line and column where it names a position. */
function explain(error: unknown, text: string): string {
  const message = (error as Error).message
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position === undefined || /\(line \d+ column \d+\)/.test(message)) return message
  const before = text.slice(0, Number(position)).split('\n')
  return `${message} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`
}
