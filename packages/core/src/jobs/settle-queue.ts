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
  onUnavailable(error: unknown, delayMs: number): void
  readonly random: () => number
  /** Most outcomes of one call. Default 1,000. */
  readonly maxBatch?: number
}

export interface SettleQueue {
  push(outcome: JobOutcome): void
  /** Resolves when everything pushed so far is recorded. Rejects with the signal's reason, and gives up, when it aborts. */
  flush(signal: AbortSignal): Promise<void>
  /** Outcomes that are not recorded yet. */
  readonly size: number
}

const backoff = { initialMs: 100, maxMs: 5_000 }

/**
 * Collects outcomes and reports them in bulk: all of one turn of the event loop in one call, one call at a time. A failed call is repeated with
 * the same outcomes until it succeeds; meanwhile the leases are kept, so that nobody else takes the jobs.
 */
export function createSettleQueue({
  jobs,
  timeoutMs,
  onSettled,
  onUnavailable,
  random,
  maxBatch = 1_000,
}: SettleQueueOptions): SettleQueue {
  let queue: JobOutcome[] = []
  let size = 0
  let draining: Promise<void> | undefined
  const giveUp = new AbortController()

  const timeoutError = () =>
    new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', `settle() of the ${jobs.adapter} jobs did not answer within ${timeoutMs} ms`, {
      retryable: true,
    })

  async function drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (queue.length > 0) {
      const batch = queue.slice(0, maxBatch)
      queue = queue.slice(maxBatch)
      await settle(batch)
      size -= batch.length
      onSettled(batch)
    }
  }

  async function settle(batch: readonly JobOutcome[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await bounded((signal) => jobs.settle(batch, { signal }), { signal: giveUp.signal, timeoutMs, timeoutError })
        return
      } catch (error) {
        giveUp.signal.throwIfAborted()
        const delayMs = backoffMs(attempt, backoff, random)
        onUnavailable(error, delayMs)
        await sleep(delayMs, undefined, { signal: giveUp.signal })
      }
    }
  }

  function start(): void {
    draining ??= drain().finally(() => {
      draining = undefined
      if (queue.length > 0 && !giveUp.signal.aborted) start()
    })
    draining.catch(() => {})
  }

  return {
    get size() {
      return size
    },
    push(outcome) {
      size++
      queue.push(outcome)
      start()
    },
    async flush(signal) {
      const onAbort = () => giveUp.abort(signal.reason)
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        while (size > 0) {
          giveUp.signal.throwIfAborted()
          await draining
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}
