import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { JobOutcome, JobSource } from '../spec/job-source.js'
import { bounded } from '../util/abort.js'
import { backoffMs } from '../util/backoff.js'

export interface SettleQueueOptions {
  readonly jobs: Pick<JobSource<never>, 'adapter' | 'settle'>
  /** How long one call may take. */
  readonly timeoutMs: number
  /** Called when the job source has recorded the outcomes. */
  onSettled(outcomes: readonly JobOutcome[]): void
  /** Called when the job source will never record an outcome: it refused it alone, for good. */
  onRefused(outcome: JobOutcome): void
  /** Called for an outcome that was withdrawn on its way, when the call has failed. */
  onWithdrawn(outcome: JobOutcome): void
  onUnavailable(error: unknown, delayMs: number): void
  readonly random: () => number
  /** Most outcomes of one call. Default 1,000. */
  readonly maxBatch?: number
}

export interface SettleQueue {
  push(outcome: JobOutcome): void
  /** Takes an outcome back. False when it is on its way already: then it is not repeated should that fail. */
  withdraw(token: string): boolean
  /** Whether an outcome waits or is on its way. */
  has(token: string): boolean
  /** Resolves when everything is recorded, refused, or given up because `signal` aborted. Never rejects. */
  flush(signal: AbortSignal): Promise<void>
}

const backoff = { initialMs: 100, maxMs: 5_000 }

/**
 * Collects outcomes and reports them in bulk: all of one turn of the event loop in one call, one call at a time. A failed call is repeated until it
 * succeeds; meanwhile the leases are kept, so that nobody else takes the jobs. So that one outcome which the source cannot record does not hold up the others, each
 * failure halves the batch and each success doubles it; an outcome that fails alone goes to the end of the queue, or, when the error is final, is refused.
 */
export function createSettleQueue(options: SettleQueueOptions): SettleQueue {
  const { jobs, timeoutMs, onSettled, onRefused, onWithdrawn, onUnavailable, random, maxBatch = 1_000 } = options
  let queue: JobOutcome[] = []
  let underway: readonly JobOutcome[] = []
  /** Tokens of outcomes on their way that are not to be repeated. */
  const withdrawn = new Set<string>()
  let limit = maxBatch
  let failures = 0
  let draining: Promise<void> | undefined
  const giveUp = new AbortController()

  const timeoutError = () =>
    new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', `settle() of the ${jobs.adapter} jobs did not answer within ${timeoutMs} ms`, {
      retryable: true,
    })

  async function drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (queue.length > 0 && !giveUp.signal.aborted) {
      underway = queue.slice(0, limit)
      queue = queue.slice(limit)
      try {
        const batch = underway
        await bounded((signal) => jobs.settle(batch, { signal }), { signal: giveUp.signal, timeoutMs, timeoutError })
        succeeded()
      } catch (error) {
        await failed(error)
      }
    }
    draining = undefined
  }

  function succeeded(): void {
    const batch = underway
    underway = []
    withdrawn.clear()
    failures = 0
    limit = Math.min(maxBatch, limit * 2)
    onSettled(batch)
  }

  async function failed(error: unknown): Promise<void> {
    const failing = underway
    const batch = failing.filter(({ token }) => !withdrawn.has(token))
    const dropped = failing.filter(({ token }) => withdrawn.has(token))
    underway = []
    withdrawn.clear()
    dropped.forEach(onWithdrawn)
    const [alone] = failing.length === 1 ? batch : []
    const refused = alone !== undefined && SnapmintError.isInstance(error) && !error.retryable
    if (refused) onRefused(alone)
    else if (alone !== undefined) queue.push(alone)
    else queue = [...batch, ...queue]
    limit = Math.max(1, Math.ceil(failing.length / 2))
    if (giveUp.signal.aborted) return
    const advice = SnapmintError.isInstance(error) ? error.retryAfterMs : undefined
    const delayMs = refused ? 0 : backoffMs(++failures, backoff, random, advice)
    onUnavailable(error, delayMs)
    await sleep(delayMs, undefined, { signal: giveUp.signal }).catch(() => {})
  }

  return {
    push(outcome) {
      queue.push(outcome)
      draining ??= drain()
    },
    withdraw(token) {
      const at = queue.findIndex((outcome) => outcome.token === token)
      if (at >= 0) queue.splice(at, 1)
      else withdrawn.add(token)
      return at >= 0
    },
    has: (token) => underway.some((outcome) => outcome.token === token) || queue.some((outcome) => outcome.token === token),
    async flush(signal) {
      const onAbort = () => giveUp.abort(signal.reason)
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      await draining
      signal.removeEventListener('abort', onAbort)
    },
  }
}
