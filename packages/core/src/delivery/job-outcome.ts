import { toJobError } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { JobClaim, JobOutcome } from '../spec/job-source.js'
import { timerDelay } from '../util/delay.js'

/** Codes with which a claim goes back unworked: not a failed attempt. */
const untried = ['SNAPMINT_JOB_NOT_DUE', 'SNAPMINT_JOB_ABANDONED']

/** Whether the job may do better later. Failed puts have had their retries already. */
export function isPassing(error: unknown): error is SnapmintError {
  if (!SnapmintError.isInstance(error)) return false
  return untried.includes(error.code) || (error.code === 'SNAPMINT_FRAME_NOT_YET' && error.retryable)
}

/** When a job whose frame did not come is handed out again, in ms. */
const NOT_YET_RETRY_MS = 1_000
/** No job comes back sooner, in ms, whatever a `select` advises: it would go round and round. */
const LEAST_RETRY_MS = 20

/** The one outcome of a claim whose work threw: handed back when the fault is passing, failed with its reason otherwise. */
export function outcomeOf(thrown: unknown, { id, token }: JobClaim<unknown>): JobOutcome {
  const error = toJobError(thrown, 'SNAPMINT_INTERNAL')
  if (!isPassing(thrown)) return { status: 'failed', id, token, error }
  const notYet = error.code === 'SNAPMINT_FRAME_NOT_YET'
  const advice = thrown.retryAfterMs ?? (notYet ? NOT_YET_RETRY_MS : undefined)
  const after = advice === undefined ? {} : { retryAfterMs: Math.max(LEAST_RETRY_MS, timerDelay(advice)) }
  return { status: 'retry', id, token, error, untried: !notYet, ...after }
}

/** The error of a job that the stop of the pipeline hands back. */
export function abandoned(): SnapmintError {
  return new SnapmintError('SNAPMINT_JOB_ABANDONED', 'The pipeline stopped before the job was done; it is handed back', {
    retryable: true,
  })
}
