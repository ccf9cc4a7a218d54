import { errorMessage, type JobError, type Receipt, type SnapmintErrorCode } from '@snapmint/core/adapter'
import type { FirestoreDocument } from './firestore-client.js'
import { describeTime, parseTime, writeTime } from './job-times.js'
import { readLease } from './lease-record.js'
import type { ResolvedOptions } from './resolve-options.js'

type Data = Record<string, unknown>

export type ReadJob =
  | { readonly job: unknown; readonly fault?: undefined }
  | { readonly job?: undefined; readonly fault: JobError }

/** How a document says what it wants, and what becomes of it. Only named fields are written. */
export interface JobSchema {
  /** The job of a document, or why it is none. Never throws. */
  read(document: FirestoreDocument): ReadJob
  isWaiting(document: FirestoreDocument): boolean
  /** How often it was handed out, as far as it says. */
  attemptsOf(document: FirestoreDocument): number
  hasError(document: FirestoreDocument): boolean
  done(receipt: Receipt, hadError: boolean, attempt: number): Data
  failed(error: JobError, attempt?: number): Data
  /** @param error left out: it was handed back untried. */
  retry(error: JobError | undefined, attempt: number): Data
  attempts(attempt: number): Data
  /** Whether it says of itself what `data` would have it say: an answer was lost on the way. */
  says(document: FirestoreDocument, data: Data): boolean
  /** The data without what these jobs write while the job waits. */
  foreignData(document: FirestoreDocument): Data
}

export function createJobSchema({ fields, unit, mapping, failedValue }: ResolvedOptions): JobSchema {
  const own = [fields.lease, fields.error, fields.attempts].filter((field) => field !== undefined)

  function set(field: string | undefined, value: unknown): Data {
    return field === undefined ? {} : { [field]: value }
  }

  function read(document: FirestoreDocument): ReadJob {
    const created = document.get(fields.dateCreated)
    const dateCreated = parseTime(created, unit)
    if (typeof dateCreated === 'string') return invalid(`\`${fields.dateCreated}\`, when the job was filed, ${dateCreated}`)
    const target = fields.targetTime === undefined ? undefined : document.get(fields.targetTime)
    const targetTime = target === undefined || target === null ? dateCreated : parseTime(target, unit)
    if (typeof targetTime === 'string') return invalid(`\`${fields.targetTime}\`, the moment asked for, ${targetTime}`)
    try {
      return { job: mapping({ id: document.id, data: document.data() ?? {}, targetTime }) }
    } catch (error) {
      return invalid(`The mapping refused the document: ${errorMessage(error)}`)
    }
  }

  return {
    read,
    isWaiting: (document) => document.exists && document.get(fields.mediaTimestamp) === null,
    attemptsOf(document) {
      const counted = fields.attempts === undefined ? undefined : document.get(fields.attempts)
      const leased = fields.lease === undefined ? undefined : readLease(document.get(fields.lease))
      const isCount = typeof counted === 'number' && Number.isSafeInteger(counted) && counted > 0
      return Math.max(isCount ? counted : 0, leased?.attempt ?? 0)
    },
    hasError: (document) => fields.error !== undefined && (document.get(fields.error) ?? null) !== null,
    done({ frames: [frame] }, hadError, attempt) {
      if (frame === undefined)
        return this.failed({ code: 'SNAPMINT_JOB_INVALID', message: 'The job asked for no picture' }, attempt)
      return {
        [fields.mediaTimestamp]: writeTime(frame.captureTime, unit),
        ...set(fields.mediaUrl, frame.uris[0] ?? null),
        ...set(fields.offsetMs, frame.offsetMs),
        ...(hadError ? set(fields.error, null) : {}),
        ...set(fields.attempts, attempt),
        ...set(fields.lease, null),
      }
    },
    failed: ({ code, message }, attempt) => ({
      [fields.mediaTimestamp]: failedValue,
      ...set(fields.error, { code, message }),
      ...(attempt === undefined ? {} : set(fields.attempts, attempt)),
      ...set(fields.lease, null),
    }),
    retry: (error, attempt) => ({
      ...(error === undefined ? {} : set(fields.error, { code: error.code, message: error.message })),
      ...(error === undefined && fields.lease === undefined ? {} : set(fields.attempts, attempt)),
    }),
    attempts: (attempt) => set(fields.attempts, attempt),
    says(document, data) {
      const stored = document.get(fields.mediaTimestamp)
      const meant = data[fields.mediaTimestamp]
      return stored !== null && stored !== undefined && describeTime(stored) === describeTime(meant)
    },
    foreignData(document) {
      const data = document.data() ?? {}
      return own.reduce((rest, path) => without(rest, path.split('.')), data)
    },
  }
}

function invalid(message: string): ReadJob {
  const code: SnapmintErrorCode = 'SNAPMINT_JOB_INVALID'
  return { fault: { code, message } }
}

function without(data: Data, [name = '', ...rest]: readonly string[]): Data {
  const { [name]: value, ...others } = data
  if (rest.length === 0 || typeof value !== 'object' || value === null) return others
  return { ...others, [name]: without(value as Data, rest) }
}
