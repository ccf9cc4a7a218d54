import { SnapmintError } from '../errors/snapmint-error.js'
import type { EpochMs } from '../spec/frame.js'
import type { Job, JobOutcome, JobSource } from '../spec/job-source.js'
import { expectKnownOptions, expectNumber, expectString } from '../util/expect-option.js'
import { createFifo } from '../util/fifo.js'
import { createWakeUpCall } from '../util/wake-up-call.js'
import { createJobQueue, type FinalOutcome } from './job-queue.js'
import { expectLeaseRequest, untilAborted } from './job-source-helpers.js'

export interface MemoryJobsOptions {
  /** Hand-outs of a job before it fails with `SNAPMINT_JOB_ATTEMPTS_EXHAUSTED`. Default 10. */
  readonly maxAttempts?: number | undefined
  /**
   * Outcomes that are kept; beyond that the oldest is forgotten, and its id may be used again. A receipt of one picture takes about half a kilobyte.
   * Default 100,000; `Number.POSITIVE_INFINITY` keeps all.
   */
  readonly maxResults?: number | undefined
  /** Measures leases and delays, and dates the ends of leases. Default: the monotonic clock and the wall clock. */
  readonly clock?: (() => EpochMs) | undefined
}

/** Jobs of this process. */
export interface MemoryJobs<J = Job> extends JobSource<J> {
  /**
   * Files a job and wakes the pipeline at once. The job is handed out as it is, not copied: leave it unchanged.
   *
   * @param options.id default: `job-1`, `job-2` …
   * @returns the job's id.
   * @throws `SNAPMINT_JOB_DUPLICATE` when a job with this id is pending or its outcome is still kept.
   */
  add(job: J, options?: { readonly id?: string | undefined }): string
  /**
   * Resolves when the job is done or failed. It never rejects, and stays pending as long as the job is: when the pipeline stops, until another one that
   * was given the same jobs delivers it.
   *
   * @throws RangeError at once when no such job is pending and no such outcome is kept.
   */
  outcome(id: string): Promise<JobOutcome>
  /** Outcomes by job id, the oldest first; see `maxResults`. A live view. */
  readonly results: ReadonlyMap<string, JobOutcome>
  /** Jobs that are neither done nor failed. */
  readonly pending: number
}

interface Waiter {
  readonly promise: Promise<JobOutcome>
  resolve(outcome: JobOutcome): void
}

/**
 * A queue of jobs in memory: for programs that ask within their own process, and for tests. Jobs are handed out in the order in which they were added;
 * those handed back come again after their delay. Nothing survives the process.
 */
export function memoryJobs<J = Job>(options: MemoryJobsOptions = {}): MemoryJobs<J> {
  expectKnownOptions('memoryJobs', options, ['maxAttempts', 'maxResults', 'clock'])
  const { maxAttempts = 10, maxResults = 100_000, clock } = options
  expectNumber('maxAttempts', maxAttempts, { min: 1, integer: true })
  if (maxResults !== Number.POSITIVE_INFINITY) expectNumber('maxResults', maxResults, { min: 0, integer: true })

  const results = new Map<string, JobOutcome>()
  const oldestFirst = createFifo<string>()
  const waiters = new Map<string, Waiter>()
  const listeners = new Set<() => void>()
  const wakeUpCall = createWakeUpCall(wakeAll)
  const queue = createJobQueue<J>({ clock, maxAttempts, onFinished: keepResult })
  let added = 0
  let waking = false

  function keepResult(outcome: FinalOutcome): void {
    results.set(outcome.id, outcome)
    if (maxResults !== Number.POSITIVE_INFINITY) {
      // The first key of a map from which many first keys were deleted takes long to find; this queue knows it.
      oldestFirst.push(outcome.id)
      if (results.size > maxResults) results.delete(oldestFirst.shift() ?? '')
    }
    waiters.get(outcome.id)?.resolve(outcome)
    waiters.delete(outcome.id)
  }

  /** A thousand jobs added in a row wake the pipeline once. */
  function wakeSoon(): void {
    if (waking || listeners.size === 0) return
    waking = true
    queueMicrotask(() => {
      waking = false
      wakeAll()
    })
  }

  function wakeAll(): void {
    setWakeUpCall()
    if (queue.ready > 0) for (const listener of listeners) listener()
  }

  function setWakeUpCall(): void {
    wakeUpCall.set(listeners.size === 0 ? undefined : queue.nextDelayMs())
  }

  function isTaken(id: string): boolean {
    return queue.has(id) || results.has(id)
  }

  function nextId(): string {
    do added += 1
    while (isTaken(`job-${added}`))
    return `job-${added}`
  }

  return {
    specVersion: 1,
    adapter: 'memory',
    results,
    get pending() {
      return queue.size
    },
    add(job, { id = nextId() } = {}) {
      expectString('id', id)
      if (isTaken(id))
        throw new SnapmintError(
          'SNAPMINT_JOB_DUPLICATE',
          `A job with the id ${id} was already added; give each job an id of its own, or none`,
          {
            adapter: 'memory',
          },
        )
      queue.add(id, job)
      wakeSoon()
      return id
    },
    outcome(id) {
      const result = results.get(id)
      if (result !== undefined) return Promise.resolve(result)
      if (!queue.has(id))
        throw new RangeError(`Expected \`id\` to name a job that is pending or whose outcome is kept, got \`${id}\``)
      const waiter = waiters.get(id) ?? createWaiter()
      waiters.set(id, waiter)
      return waiter.promise
    },
    async claim(context) {
      const { max, leaseMs } = expectLeaseRequest(context)
      return queue.claim(max, leaseMs)
    },
    async settle(outcomes) {
      queue.settle(outcomes)
      setWakeUpCall()
      if (queue.ready > 0) wakeSoon()
    },
    extend: async (tokens, leaseMs) => queue.extend(tokens, leaseMs),
    async watch(onAvailable, { signal }) {
      // A listener of its own for each call: two may be given the same function.
      const listener = () => onAvailable()
      listeners.add(listener)
      wakeSoon()
      setWakeUpCall()
      await untilAborted(signal)
      listeners.delete(listener)
      setWakeUpCall()
    },
    async close() {
      listeners.clear()
      wakeUpCall.set(undefined)
    },
  }
}

function createWaiter(): Waiter {
  let resolve: (outcome: JobOutcome) => void = () => {}
  const promise = new Promise<JobOutcome>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
