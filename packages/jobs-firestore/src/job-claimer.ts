import {
  errorMessage,
  type InMemoryLeases,
  type JobClaim,
  type JobError,
  type Lease,
  type SnapmintError,
} from '@snapmint/core/adapter'
import type { DocumentUpdate, DocumentUpdates, UpdateResult, WantedDocument } from './document-updates.js'
import type { FirestoreNotice } from './firestore-jobs-options.js'
import { type HandedOut, type HandedOutJobs, leaseRecord } from './handed-out.js'
import type { JobSchema } from './job-schema.js'
import type { ResolvedOptions } from './resolve-options.js'
import type { Candidate, WaitingList } from './waiting-list.js'

export interface JobClaimerOptions {
  readonly options: ResolvedOptions
  readonly holder: string
  readonly schema: JobSchema
  readonly leases: InMemoryLeases
  readonly works: HandedOutJobs
  readonly list: WaitingList
  readonly updates: DocumentUpdates
  notify(notice: FirestoreNotice): void
}

export interface JobClaimer {
  /** Hands out again what this process did not settle in time, then what waits: up to `max`. Fewer when some are no jobs, or another host was faster. */
  handOut(max: number, leaseMs: number): Promise<JobClaim<unknown>[]>
  /** Reads again what was kept by others until now. Resolves to whether there was any. */
  lookUpDue(max: number): Promise<boolean>
}

interface HandOut {
  readonly work: HandedOut
  readonly claim: JobClaim<unknown>
}

interface Closing {
  readonly candidate: Candidate
  readonly error: JobError
  readonly attempt: number | undefined
}

export function createJobClaimer(parts: JobClaimerOptions): JobClaimer {
  const { options, holder, schema, leases, works, list, updates, notify } = parts
  const { leaseField, maxAttempts, sweepMs, wallClock, steadyClock } = options

  /** A hand-out under `lease`, or why the document is to be closed. */
  function prepare(candidate: Candidate, lease: Lease, leaseMs: number): HandOut | Closing {
    const { id, token } = lease
    const attempt = Math.max(candidate.attempts + 1, lease.attempt)
    const read = schema.read(candidate.document)
    if (read.fault !== undefined) return { candidate, error: read.fault, attempt: undefined }
    if (attempt > maxAttempts) return { candidate, error: exhausted(attempt - 1), attempt: attempt - 1 }
    const work: HandedOut = { candidate, token, attempt, renewals: 0, settling: false }
    return { work, claim: { id, token, job: read.job, attempt, leaseExpiresAt: wallClock() + leaseMs } }
  }

  function takeCandidates(max: number, leaseMs: number): (HandOut | Closing)[] {
    const again = leases.takeExpired(max, leaseMs).map((lease) => ({ lease, candidate: works.get(lease.id)?.candidate }))
    const fresh = list.take(max - again.length).map((candidate) => ({ lease: leases.take(candidate.id, leaseMs), candidate }))
    return [...again, ...fresh].flatMap(({ lease, candidate }) => {
      if (lease === undefined || candidate === undefined) return []
      const prepared = prepare(candidate, lease, leaseMs)
      // From now on whatever is told of the document is our own doing, or found when the outcome is written.
      if ('work' in prepared) works.put(prepared.work)
      else {
        // Its attempts are remembered until it is closed.
        leases.release(lease.token, { untried: true })
        const before = works.get(candidate.id)
        if (before !== undefined) works.forget(before)
      }
      return [prepared]
    })
  }

  const toUpdate = ({ document, updateTime }: Candidate, data: Record<string, unknown>): DocumentUpdate => ({
    reference: document.ref,
    data,
    lastUpdateTime: updateTime,
  })

  async function lookUp(wanted: readonly WantedDocument[]): Promise<void> {
    for (const document of await updates.read(wanted)) list.see(document, document.readTime)
  }

  /** Closes what is no job. */
  function concludeClosing({ candidate, error }: Closing, result: UpdateResult | undefined): void {
    const { id, document } = candidate
    const documents = [document.ref.path]
    if (result?.status !== 'failed') leases.forget(id)
    if (result?.status === 'written') {
      list.finish(id, result.updateTime)
      notify({ kind: 'document-invalid', message: `${documents[0]} was closed as failed: ${error.message}`, documents })
    } else if (result?.status === 'failed') {
      list.readLater(document.ref, sweepMs)
      const message = `${documents[0]} is no job, and could not be closed: ${errorMessage(result.error)}`
      notify({ kind: 'document-unwritable', message, documents })
    }
  }

  return {
    async handOut(max, leaseMs) {
      const leasedFrom = steadyClock()
      const prepared = takeCandidates(max, leaseMs)
      const handOuts = prepared.filter((item) => 'work' in item)
      const closings = prepared.filter((item) => 'error' in item)
      if (handOuts.length > 0) works.leasedUntil(leasedFrom + leaseMs)
      const leased = leaseField === undefined ? [] : handOuts
      const results = await updates.write([
        ...closings.map(({ candidate, error, attempt }) => toUpdate(candidate, schema.failed(error, attempt))),
        ...leased.map(({ work }) =>
          toUpdate(work.candidate, {
            ...schema.attempts(work.attempt),
            [leaseField ?? '']: leaseRecord(holder, work, leaseMs),
          }),
        ),
      ])
      for (const [index, closing] of closings.entries()) concludeClosing(closing, results[index])
      if (leaseField === undefined) return handOuts.map(({ claim }) => claim)
      return concludeLeases(handOuts, results.slice(closings.length))
    },
    async lookUpDue(max) {
      const references = list.takeUnread(max)
      if (references.length === 0) return false
      try {
        await lookUp(references.map((reference) => ({ reference })))
      } catch (error) {
        for (const reference of references) list.readLater(reference, 0)
        throw error
      }
      return true
    },
  }

  async function concludeLeases(handOuts: readonly HandOut[], results: readonly UpdateResult[]): Promise<JobClaim<unknown>[]> {
    const claims: JobClaim<unknown>[] = []
    const conflicts: WantedDocument[] = []
    let failure: SnapmintError | undefined
    for (const [index, { work, claim }] of handOuts.entries()) {
      const result = results[index]
      if (result?.status === 'written') {
        work.candidate = { ...work.candidate, updateTime: result.updateTime, attempts: work.attempt }
        claims.push(claim)
        continue
      }
      works.forget(work)
      if (result?.status === 'failed') {
        // It may have been written after all: then it is read again as a lease of ours that nobody knows of.
        list.readLater(work.candidate.document.ref, 0)
        failure ??= result.error
      } else conflicts.push({ reference: work.candidate.document.ref, document: result?.document })
    }
    // What another host has now is known by its lease; without the answer, a sweep finds it.
    if (conflicts.length > 0) await lookUp(conflicts).catch(() => {})
    if (claims.length === 0 && failure !== undefined) throw failure
    return claims
  }
}

function exhausted(attempts: number): JobError {
  const message = `The job was handed out ${attempts} times and never done; mend what stops it and file it again`
  return { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED', message }
}
