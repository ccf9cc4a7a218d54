import { isDeepStrictEqual } from 'node:util'
import type { InMemoryLeases, JobError, JobOutcome, SnapmintError } from '@snapmint/core/adapter'
import type { DocumentUpdates, UpdateResult } from './document-updates.js'
import type { FirestoreDocument, FirestoreTimestamp } from './firestore-client.js'
import type { FirestoreNotice } from './firestore-jobs-options.js'
import { type HandedOut, type HandedOutJobs, leaseRecord } from './handed-out.js'
import type { JobSchema } from './job-schema.js'
import { type LeaseRecord, readLease } from './lease-record.js'
import type { ResolvedOptions } from './resolve-options.js'
import type { WaitingList } from './waiting-list.js'

export interface JobSettlerOptions {
  readonly options: ResolvedOptions
  readonly holder: string
  readonly schema: JobSchema
  readonly leases: InMemoryLeases
  readonly works: HandedOutJobs
  readonly list: WaitingList
  readonly updates: DocumentUpdates
  notify(notice: FirestoreNotice): void
}

export interface JobSettler {
  /** Records outcomes. @throws SnapmintError the first failure, after everything else was recorded. */
  settle(outcomes: readonly JobOutcome[]): Promise<void>
  /** Renews leases. Resolves to the tokens that are lost. @throws SnapmintError */
  extend(tokens: readonly string[], leaseMs: number): Promise<string[]>
}

/** What is to be written of a hand-out, and what follows when it is. */
interface Step {
  readonly work: HandedOut
  /** Empty: nothing is to be written. */
  readonly data: Record<string, unknown>
  /** @param updateTime of the document now. */
  done(updateTime: FirestoreTimestamp): void
  /** Whether something else was written since, after which this has no sense any more. */
  isOvertaken?(): boolean
}

export function createJobSettler(parts: JobSettlerOptions): JobSettler {
  const { options, holder, schema, leases, works, list, updates, notify } = parts
  const { leaseField, maxAttempts, steadyClock } = options

  const leaseData = (lease: LeaseRecord) => (leaseField === undefined ? {} : { [leaseField]: lease })

  function finalStep(work: HandedOut, data: Record<string, unknown>): Step {
    return {
      work,
      data,
      done(updateTime) {
        works.forget(work)
        list.finish(work.candidate.id, updateTime)
      },
    }
  }

  function retryStep(work: HandedOut, outcome: JobOutcome & { readonly status: 'retry' }): Step {
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

  function stepOf(work: HandedOut, outcome: JobOutcome): Step {
    const { candidate, attempt } = work
    if (outcome.status === 'done') return finalStep(work, schema.done(outcome.receipt, candidate.hasError, attempt))
    if (outcome.status === 'failed') return finalStep(work, schema.failed(outcome.error, attempt))
    if (outcome.untried !== true && attempt >= maxAttempts)
      return finalStep(work, schema.failed(exhausted(attempt, outcome.error), attempt))
    return retryStep(work, outcome)
  }

  function stepsOf(outcomes: readonly JobOutcome[]): Step[] {
    return outcomes.flatMap((outcome) => {
      const work = works.find(outcome.token)
      if (work === undefined || work.token !== outcome.token || work.settling) return []
      work.settling = true
      return [stepOf(work, outcome)]
    })
  }

  function write(steps: readonly Step[]): Promise<UpdateResult[]> {
    return updates.write(
      steps.map(({ work: { candidate }, data }) => ({
        reference: candidate.document.ref,
        data,
        lastUpdateTime: candidate.updateTime,
      })),
    )
  }

  /** Somebody touched the document, or it was we and the answer was lost: which of them, the document says. */
  function examine(step: Step, document: FirestoreDocument): 'done' | 'again' | 'lost' {
    const { work, data } = step
    if (!document.exists || document.updateTime === undefined) return 'lost'
    if (!schema.isWaiting(document)) return schema.says(document, data) ? 'done' : 'lost'
    const lease = leaseField === undefined ? undefined : readLease(document.get(leaseField))
    const isOurs = leaseField === undefined || (lease?.holder === holder && (lease.token ?? work.token) === work.token)
    const isUnchanged = isDeepStrictEqual(schema.foreignData(document), schema.foreignData(work.candidate.document))
    return isOurs && isUnchanged ? 'again' : 'lost'
  }

  function lose({ work }: Step, document: FirestoreDocument): void {
    const { path } = document.ref
    works.forget(work)
    const kind = document.exists ? 'document-changed' : 'document-deleted'
    const what = document.exists ? 'changed' : 'deleted'
    notify({ kind, message: `${path} was ${what} while its job was worked on: it was left as it is`, documents: [path] })
    list.see(document, document.readTime)
  }

  /** Resolves to the steps that were not carried out because of a failure, with the failure. */
  async function carryOut(
    steps: readonly Step[],
    isSecondTry = false,
  ): Promise<{ failed: Step[]; lost: Step[]; error?: SnapmintError }> {
    const results = await write(steps)
    const failed: Step[] = []
    const lost: Step[] = []
    const conflicts: (Step & { readonly document: FirestoreDocument | undefined })[] = []
    let failure: SnapmintError | undefined
    for (const [index, step] of steps.entries()) {
      const result = results[index]
      if (result?.status === 'written') step.done(result.updateTime)
      else if (result?.status === 'failed') {
        failed.push(step)
        failure ??= result.error
      } else conflicts.push({ ...step, document: result?.document })
    }
    const again: Step[] = []
    if (conflicts.length > 0) {
      try {
        const documents = await updates.read(
          conflicts.map(({ work, document }) => ({ reference: work.candidate.document.ref, document })),
        )
        for (const [index, step] of conflicts.entries()) {
          if (step.isOvertaken?.()) continue
          const document = documents[index]
          const verdict = document === undefined ? 'lost' : examine(step, document)
          if (verdict === 'done') step.done(document?.updateTime ?? step.work.candidate.updateTime)
          else if (verdict === 'again' && !isSecondTry && document?.updateTime !== undefined) {
            step.work.candidate = { ...step.work.candidate, updateTime: document.updateTime }
            again.push(step)
          } else {
            lost.push(step)
            if (document !== undefined) lose(step, document)
          }
        }
      } catch (error) {
        failed.push(...conflicts)
        failure ??= error as SnapmintError
      }
    }
    if (again.length > 0) {
      const second = await carryOut(again, true)
      failed.push(...second.failed)
      lost.push(...second.lost)
      failure ??= second.error
    }
    return failure === undefined ? { failed, lost } : { failed, lost, error: failure }
  }

  async function settleNow(outcomes: readonly JobOutcome[]): Promise<void> {
    const steps = stepsOf(outcomes)
    for (const step of steps) if (Object.keys(step.data).length === 0) step.done(step.work.candidate.updateTime)
    const { failed, error } = await carryOut(steps.filter(({ data }) => Object.keys(data).length > 0))
    for (const { work } of failed) work.settling = false
    if (error !== undefined) throw error
  }

  let underway: Promise<unknown> = Promise.resolve()

  return {
    settle(outcomes) {
      // A call that was given up may still be under way: what it does not record, the next one must.
      const settling = underway.then(() => settleNow(outcomes))
      underway = settling.catch(() => {})
      return settling
    },
    async extend(tokens, leaseMs) {
      const leasedFrom = steadyClock()
      const known = tokens.filter((token) => works.find(token)?.token === token)
      if (leaseField !== undefined) {
        const steps = known.flatMap((token): Step[] => {
          const work = works.find(token)
          // Its lease ends with the outcome that is on its way.
          if (work === undefined || work.settling) return []
          work.renewals += 1
          const done = (updateTime: FirestoreTimestamp) => {
            work.candidate = { ...work.candidate, updateTime }
          }
          // Its outcome may be there before it: renewed, a job that was handed back would be kept from the other hosts.
          const isOvertaken = () => work.settling || works.find(token) !== work
          return [{ work, data: leaseData(leaseRecord(holder, work, leaseMs)), done, isOvertaken }]
        })
        const { error } = await carryOut(steps)
        if (error !== undefined) throw error
      }
      works.leasedUntil(leasedFrom + leaseMs)
      return leases.extend(tokens, leaseMs)
    },
  }
}

function exhausted(attempts: number, { message }: JobError): JobError {
  const text = `The job was handed out ${attempts} times and never done; the last error: ${message}`
  return { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED', message: text }
}
