import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { Emit } from '../observe/event-bus.js'
import type { EpochMs } from '../spec/frame.js'
import type { JobClaim, JobOutcome, JobSource } from '../spec/job-source.js'
import { timerDelay } from '../util/delay.js'
import { createTurnoverMap } from '../util/turnover-map.js'
import { createLeaseKeeper } from './lease-keeper.js'
import { createSettleQueue } from './settle-queue.js'

/** A claim under work. */
export interface Work {
  readonly claim: JobClaim<unknown>
  /** What to end when the work is given up: a wait, an interest in a frame. */
  readonly onCancel: ((reason: unknown) => void)[]
  /** The moment it waits for, if it does. */
  waitingFor?: EpochMs | undefined
}

export interface ClaimDeskOptions {
  readonly route: string
  readonly jobs: JobSource<unknown>
  readonly leaseMs: number
  readonly random: () => number
  readonly emit: Emit
  /** A claim left the desk: there is room for another. */
  onFree(): void
  /** A claim left the desk: the job source has recorded that it is over, or has not. */
  onLeft?(id: string, settled: boolean): void
}

/** Outcomes that the ledger counts. */
type Count = 'done' | 'failed' | 'retried'

/** Where a route's claims are from hand-out to outcome. Keeps the ledger: `claimed = done + failed + retried + inFlight`, always. */
export interface ClaimDesk {
  /**
   * Takes a claim in; `undefined` when it is no claim, the same hand-out again, over already, or too late.
   *
   * @param claimedAt when it was asked for, on the monotonic clock: its lease counts from then.
   */
  take(claim: unknown, claimedAt: number): Work | undefined
  /** The outcome of a claim. Of one whose lease was lost meanwhile it is not reported: the job is somebody else's. */
  settle(outcome: JobOutcome): void
  cancel(which: (work: Work) => boolean, reason: () => SnapmintError): void
  counts(): {
    readonly claimed: number
    readonly done: number
    readonly failed: number
    readonly retried: number
    readonly inFlight: number
  }
  readonly size: number
  unavailable(operation: 'claim' | 'settle' | 'extend' | 'watch', error: unknown, delayMs: number): void
  /** Resolves when the desk is empty, or when the time is up. */
  idle(timeoutMs: number): Promise<void>
  /** Reports what is left to report, for up to `timeoutMs`; then lets go of everything. */
  close(timeoutMs: number): Promise<void>
}

export function createClaimDesk({ route, jobs, leaseMs, random, emit, onFree, onLeft }: ClaimDeskOptions): ClaimDesk {
  const works = createTurnoverMap<string, Work>()
  const counts = { claimed: 0, done: 0, failed: 0, retried: 0 }
  let onIdle: (() => void) | undefined
  let closed = false

  function unavailable(operation: 'claim' | 'settle' | 'extend' | 'watch', error: unknown, delayMs: number): void {
    emit('jobs:unavailable', { route, operation, delayMs, error: jobsError(error, operation, jobs.adapter) })
  }

  function leave(work: Work, as: Count): void {
    works.delete(work.claim.token)
    leases.release(work.claim.token)
    counts[as]++
    onLeft?.(work.claim.id, as !== 'retried')
    onFree()
    if (works.size === 0) onIdle?.()
  }

  const leases = createLeaseKeeper({
    jobs,
    leaseMs,
    onUnavailable: (error, delayMs) => unavailable('extend', error, delayMs),
    onLost(token) {
      // An outcome on its way is for the job source to judge. Repeated, it would be ignored as stale, and count as recorded.
      if (!settling.has(token) || settling.withdraw(token)) lose(token)
    },
  })

  function lose(token: string): void {
    const work = works.get(token)
    if (work === undefined) return
    const { id } = work.claim
    leave(work, 'retried')
    emit('lease:lost', { route, id })
    cancelWork(work, new SnapmintError('SNAPMINT_LEASE_LOST', `The lease of job "${id}" was lost; another host may have it`))
  }

  const settling = createSettleQueue({
    jobs,
    random,
    timeoutMs: leaseMs,
    onUnavailable: (error, delayMs) => unavailable('settle', error, delayMs),
    onRefused({ token }) {
      // Its lease runs out, and the job source may hand it out again.
      const work = works.get(token)
      if (work !== undefined) leave(work, 'retried')
    },
    onWithdrawn: ({ token }) => lose(token),
    onSettled(outcomes) {
      for (const outcome of outcomes) {
        const work = works.get(outcome.token)
        if (work === undefined) continue
        leave(work, outcome.status === 'retry' ? 'retried' : outcome.status)
        emit('job:settled', { route, id: outcome.id, outcome })
      }
    },
  })

  return {
    take(claimed, claimedAt) {
      if (closed) return undefined
      const read = readClaim(claimed, jobs.adapter)
      if (SnapmintError.isInstance(read)) unavailable('claim', read, 0)
      if (SnapmintError.isInstance(read) || works.has(read.token)) return undefined
      const expiresAt = leaseEnd(read, claimedAt, leaseMs)
      if (expiresAt <= performance.now()) {
        unavailable('claim', leaseOver(read, jobs.adapter), 0)
        return undefined
      }
      const work: Work = { claim: read, onCancel: [] }
      counts.claimed++
      works.set(read.token, work)
      if (expiresAt !== Number.POSITIVE_INFINITY) leases.keep(read.token, expiresAt)
      return work
    },
    settle(outcome) {
      if (works.has(outcome.token)) settling.push(outcome)
    },
    cancel(which, reason) {
      for (const work of [...works.values()]) if (which(work)) cancelWork(work, reason())
    },
    counts: () => ({ ...counts, inFlight: works.size }),
    get size() {
      return works.size
    },
    unavailable,
    async idle(timeoutMs) {
      if (works.size === 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timerDelay(timeoutMs))
        onIdle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      onIdle = undefined
    },
    async close(timeoutMs) {
      closed = true
      const giveUp = new AbortController()
      const timer = setTimeout(() => giveUp.abort(new Error('The last outcomes could not be recorded in time')), timeoutMs)
      await settling.flush(giveUp.signal)
      clearTimeout(timer)
      leases.stop()
      // Not reported: their leases run out, and the job source hands them out again.
      for (const work of [...works.values()]) leave(work, 'retried')
    },
  }
}

function cancelWork({ onCancel }: Work, reason: SnapmintError): void {
  for (const listener of [...onCancel]) listener(reason)
}

/** What a claim says, read once: it comes from an adapter and may be anything. */
function readClaim(claim: unknown, adapter: string): JobClaim<unknown> | SnapmintError {
  try {
    const { id, token, job, attempt, leaseExpiresAt } = claim as JobClaim<unknown>
    if (typeof id === 'string' && id !== '' && typeof token === 'string' && token !== '')
      return { id, token, job, attempt, leaseExpiresAt }
  } catch {
    // A property that throws, or no object at all: no claim either.
  }
  const message = `A claim of the ${adapter} jobs has no id or no token and cannot be settled; claim() must give both`
  return new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', message, { adapter })
}

/** The end of a claim's lease on the monotonic clock. `leaseExpiresAt` is of the wall clock: only how far off it is counts, and no lease is longer than asked for. */
function leaseEnd({ leaseExpiresAt }: JobClaim<unknown>, claimedAt: number, leaseMs: number): number {
  if (typeof leaseExpiresAt !== 'number') return Number.POSITIVE_INFINITY
  return Math.min(claimedAt + leaseMs, performance.now() + (leaseExpiresAt - Date.now()))
}

function leaseOver({ id }: JobClaim<unknown>, adapter: string): SnapmintError {
  const message = `The ${adapter} jobs handed out job "${id}" with a lease that is over; raise leaseMs, or compare the clocks of the two machines`
  return new SnapmintError('SNAPMINT_LEASE_LOST', message, { adapter })
}

function jobsError(error: unknown, operation: string, adapter: string): SnapmintError {
  if (SnapmintError.isInstance(error)) return error
  const message = `${operation} of the ${adapter} jobs failed: ${errorMessage(error)}`
  return new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', message, { cause: error, retryable: true, adapter })
}
