import type { InMemoryLeases, JobError, JobOutcome } from '@snapmint/core/adapter'
import type { FirestoreTimestamp } from './firestore-client.js'
import { type HandedOut, type HandedOutJobs, leaseRecord } from './handed-out.js'
import type { JobSchema } from './job-schema.js'
import type { LeaseRecord } from './lease-record.js'
import type { ResolvedOptions } from './resolve-options.js'
import type { WaitingList } from './waiting-list.js'

/** What is to be written of a hand-out, and what follows when it is. */
export interface Step {
  readonly work: HandedOut
  /** Empty: nothing is to be written. */
  readonly data: Record<string, unknown>
  /** @param updateTime of the document now. */
  done(updateTime: FirestoreTimestamp): void
  /** Whether something else was written since, after which this has no sense any more. */
  isOvertaken?(): boolean
}

export interface SettleStepsOptions {
  readonly options: ResolvedOptions
  readonly holder: string
  readonly schema: JobSchema
  readonly leases: InMemoryLeases
  readonly works: HandedOutJobs
  readonly list: WaitingList
}

export interface SettleSteps {
  /** What an outcome makes of a hand-out. */
  ofOutcome(work: HandedOut, outcome: JobOutcome): Step
  /** Its lease begins anew. */
  ofRenewal(work: HandedOut, leaseMs: number): Step
}

export function createSettleSteps({ options, holder, schema, leases, works, list }: SettleStepsOptions): SettleSteps {
  const { leaseField, maxAttempts } = options

  const leaseData = (lease: LeaseRecord) => (leaseField === undefined ? {} : { [leaseField]: lease })

  function final(work: HandedOut, data: Record<string, unknown>): Step {
    return {
      work,
      data,
      done(updateTime) {
        works.forget(work)
        list.finish(work.candidate.id, updateTime)
      },
    }
  }

  function again(work: HandedOut, outcome: JobOutcome & { readonly status: 'retry' }): Step {
    const { error, retryAfterMs = 0, untried = false } = outcome
    const attempt = work.attempt - (untried ? 1 : 0)
    const lease = { holder, token: null, ms: retryAfterMs, attempt, renewals: work.renewals }
    return {
      work,
      data: { ...schema.retry(untried ? undefined : error, attempt), ...leaseData(lease) },
      done(updateTime) {
        const attempts = leaseField === undefined ? work.candidate.attempts : attempt
        leases.release(work.token, { untried })
        works.forget(work)
        list.putBack({ ...work.candidate, updateTime, attempts, hasError: work.candidate.hasError || !untried }, retryAfterMs)
      },
    }
  }

  return {
    ofOutcome(work, outcome) {
      const { candidate, attempt } = work
      if (outcome.status === 'done') return final(work, schema.done(outcome.receipt, candidate.hasError, attempt))
      if (outcome.status === 'failed') return final(work, schema.failed(outcome.error, attempt))
      if (outcome.untried !== true && attempt >= maxAttempts)
        return final(work, schema.failed(exhausted(attempt, outcome.error), attempt))
      return again(work, outcome)
    },
    ofRenewal(work, leaseMs) {
      work.renewals += 1
      const done = (updateTime: FirestoreTimestamp) => {
        work.candidate = { ...work.candidate, updateTime }
      }
      // Its outcome may be there before it: renewed, a job that was handed back would be kept from the other hosts.
      const isOvertaken = () => work.settling || works.find(work.token) !== work
      return { work, data: leaseData(leaseRecord(holder, work, leaseMs)), done, isOvertaken }
    },
  }
}

function exhausted(attempts: number, { message }: JobError): JobError {
  const text = `The job was handed out ${attempts} times and never done; the last error: ${message}`
  return { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED', message: text }
}
