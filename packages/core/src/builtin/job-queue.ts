import { inMemoryLeases } from '../jobs/in-memory-leases.js'
import type { EpochMs } from '../spec/frame.js'
import type { JobError } from '../spec/job-error.js'
import type { JobClaim, JobOutcome } from '../spec/job-source.js'
import { createFifo } from '../util/fifo.js'
import { createMinHeap } from '../util/min-heap.js'
import { createTurnoverMap } from '../util/turnover-map.js'

export type FinalOutcome = Exclude<JobOutcome, { readonly status: 'retry' }>

export interface JobQueueOptions {
  /** Measures leases and delays. Default: a clock that no step of the wall clock disturbs. */
  readonly clock?: (() => EpochMs) | undefined
  /** Hand-outs of a job before it fails. */
  readonly maxAttempts: number
  /** Called once for each job, when it is done or failed. It must not throw. */
  onFinished(outcome: FinalOutcome): void
}

/** The jobs that wait or are held, in memory: what {@link memoryJobs} and {@link intervalJobs} have in common. */
export interface JobQueue<J> {
  /** Jobs that wait, are held, or are delayed. */
  readonly size: number
  /** Jobs that could be claimed now. */
  readonly ready: number
  has(id: string): boolean
  /** The id must be new. */
  add(id: string, job: J): void
  /** What was delayed and what was lost comes back by itself. */
  claim(max: number, leaseMs: number): JobClaim<J>[]
  settle(outcomes: readonly JobOutcome[]): void
  /** Returns the tokens whose lease is lost. */
  extend(tokens: readonly string[], leaseMs: number): string[]
  /** In how many ms the next delayed job may be handed out; undefined when none is delayed. */
  nextDelayMs(): number | undefined
}

interface QueuedJob<J> {
  readonly id: string
  readonly job: J
  lastError?: JobError
}

/** A queue in order of arrival; a job handed back goes to the end. Costs one small object for each job. */
export function createJobQueue<J>({ clock, maxAttempts, onFinished }: JobQueueOptions): JobQueue<J> {
  const now = clock ?? (() => performance.now())
  const wallNow = clock ?? Date.now
  const leases = inMemoryLeases({ clock: now })
  const jobs = createTurnoverMap<string, QueuedJob<J>>()
  const ready = createFifo<QueuedJob<J>>()
  const delayed = createMinHeap<QueuedJob<J>>()

  function finish(outcome: FinalOutcome): void {
    jobs.delete(outcome.id)
    leases.forget(outcome.id)
    onFinished(outcome)
  }

  function finishExhausted({ id, lastError }: QueuedJob<J>, token: string): void {
    const last =
      lastError === undefined ? 'its lease ran out each time' : `the last error was ${lastError.code}: ${lastError.message}`
    const message = `The job ${id} was handed out ${maxAttempts} times without being delivered; ${last}`
    finish({ status: 'failed', id, token, error: { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED', message } })
  }

  function wakeDelayed(): void {
    for (let time = now(); delayed.minRank !== undefined && delayed.minRank <= time; ) {
      const entry = delayed.pop()
      if (entry !== undefined) ready.push(entry)
    }
  }

  function takeExpired(claims: JobClaim<J>[], max: number, leaseMs: number): void {
    while (claims.length < max) {
      const batch = leases.takeExpired(max - claims.length, leaseMs)
      if (batch.length === 0) return
      for (const { id, token, attempt } of batch) {
        const entry = jobs.get(id)
        if (entry === undefined) leases.forget(id)
        else if (attempt > maxAttempts) finishExhausted(entry, token)
        else claims.push({ id, token, job: entry.job, attempt, leaseExpiresAt: wallNow() + leaseMs })
      }
    }
  }

  function handBack(outcome: JobOutcome & { status: 'retry' }, entry: QueuedJob<J>): void {
    const attempt = leases.find(outcome.token)?.attempt ?? 1
    if (!outcome.untried) {
      entry.lastError = outcome.error
      if (attempt >= maxAttempts) {
        finishExhausted(entry, outcome.token)
        return
      }
    }
    leases.release(outcome.token, { untried: outcome.untried })
    const delayMs = outcome.retryAfterMs ?? 0
    if (delayMs > 0) delayed.push(now() + delayMs, entry)
    else ready.push(entry)
  }

  return {
    get size() {
      return jobs.size
    },
    get ready() {
      wakeDelayed()
      return ready.size
    },
    has: (id) => jobs.has(id),
    add(id, job) {
      const entry = { id, job }
      jobs.set(id, entry)
      ready.push(entry)
    },
    claim(max, leaseMs) {
      const claims: JobClaim<J>[] = []
      takeExpired(claims, max, leaseMs)
      wakeDelayed()
      const leaseExpiresAt = wallNow() + leaseMs
      while (claims.length < max) {
        const entry = ready.shift()
        if (entry === undefined) break
        const lease = leases.take(entry.id, leaseMs)
        if (lease !== undefined)
          claims.push({ id: entry.id, token: lease.token, job: entry.job, attempt: lease.attempt, leaseExpiresAt })
      }
      return claims
    },
    settle(outcomes) {
      for (const outcome of outcomes) {
        const lease = leases.find(outcome.token)
        const entry = lease === undefined ? undefined : jobs.get(lease.id)
        if (entry === undefined) continue
        if (outcome.status === 'retry') handBack(outcome, entry)
        else finish(outcome.id === entry.id ? outcome : { ...outcome, id: entry.id })
      }
    },
    extend: (tokens, leaseMs) => leases.extend(tokens, leaseMs),
    nextDelayMs: () => (delayed.minRank === undefined ? undefined : Math.max(0, delayed.minRank - now())),
  }
}
