import { toJobError } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { JobClaim, JobOutcome } from '../spec/job-source.js'

/** Codes with which a claim goes back unworked: not a failed attempt. */
const untried = ['SNAPMINT_JOB_NOT_DUE', 'SNAPMINT_JOB_ABANDONED']

/** Whether the job may do better later. Failed puts have had their retries already. */
export function isPassing(error: unknown): error is SnapmintError {
  if (!SnapmintError.isInstance(error)) return false
  return untried.includes(error.code) || (error.code === 'SNAPMINT_FRAME_NOT_YET' && error.retryable)
}

/** The one outcome of a claim whose work threw: handed back when the fault is passing, failed with its reason otherwise. */
export function outcomeOf(thrown: unknown, { id, token }: JobClaim<unknown>): JobOutcome {
  const error = toJobError(thrown, 'SNAPMINT_SINK_FAILED')
  if (!isPassing(thrown)) return { status: 'failed', id, token, error }
  const { retryAfterMs } = thrown
  return {
    status: 'retry',
    id,
    token,
    error,
    untried: untried.includes(error.code),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** The error of a job that the stop of the pipeline hands back. */
export function abandoned(): SnapmintError {
  return new SnapmintError('SNAPMINT_JOB_ABANDONED', 'The pipeline stopped before the job was done; it is handed back', {
    retryable: true,
  })
}
