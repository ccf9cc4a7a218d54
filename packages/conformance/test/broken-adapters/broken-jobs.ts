import type { JobSource } from '@snapmint/core/adapter'
import type { JobSourceCapabilities } from '../../src/index.js'
import { type JobStore, referenceJobs } from '../reference/reference-jobs.js'

/** A job source that breaks the contract in one way, and the rules that must notice. */
export interface BrokenJobs {
  /** What is wrong, put over the reference source. */
  readonly change: (correct: Required<JobSource<unknown>>, store: JobStore) => Partial<JobSource<unknown>>
  /** Beyond those of the reference source. */
  readonly capabilities?: JobSourceCapabilities
  readonly timeoutMs?: number
  /** Claims of a source whose service cannot be reached. */
  readonly claimWhenDown?: JobSource<unknown>['claim']
  readonly fails: readonly string[]
}

export const title = {
  empty: 'claim › answers an empty array when no job waits, without waiting for one',
  handsOut: 'claim › hands out an added job with its id, a token and attempt 1',
  max: 'claim › hands out at most max jobs in one claim',
  tokens: 'claim › gives each hand-out a token of its own',
  held: 'claim › does not hand out a job that is handed out already',
  concurrent: 'claim › does not hand out a job to two claims that run at the same time',
  many: 'claim › hands out each of many jobs exactly once',
  done: 'settle › never hands out again what was settled done',
  failed: 'settle › never hands out again what was settled failed',
  batch: 'settle › records each of the different outcomes of one batch',
  repeated: 'settle › records the same outcomes again without an error',
  unknown: 'settle › ignores outcomes with a token that it does not know, without an error',
  restOfUnknown: 'settle › records the rest of a batch that holds a token it does not know',
  emptyBatch: 'settle › accepts an empty batch of outcomes',
  frozen: 'settle › leaves outcomes as they are, and stores receipts as they came',
  retry: 'retry › hands out a job again, under its id and a new token, when it was settled retry',
  repeatedRetry: 'retry › keeps a job handed out when the retry of its earlier hand-out is repeated',
  attempts: 'retry › counts in attempt how often a job was handed out',
  untried: 'retry › does not count a hand-out that was given back untried',
  retryAfter: 'retry › holds a job back until retryAfterMs have passed',
  expiry: 'leases › hands a job out again, under its id and a new token, when its lease has ended',
  leaseEnd: 'leases › dates the end of a lease, if it does, in milliseconds since the Unix epoch',
  lostOutcome: 'leases › ignores the outcome of a hand-out whose lease is lost',
  restOfLost: 'leases › records the rest of a batch that holds a token whose lease is lost',
  extendKeeps: 'leases › keeps a job handed out while its lease is extended',
  extendReports: 'leases › reports the tokens whose lease is lost, and only those',
  extendNone: 'leases › accepts an empty list of tokens to extend',
  wakes: 'watch › wakes the watcher each time a job is added',
  watchEnds: 'watch › goes on watching until its signal aborts, then resolves',
  watchAborted: 'watch › resolves at once when asked to watch under a signal that has aborted',
  watchDeaf: 'watch › wakes nobody after the abort',
  abortLoses: 'abort › loses no job in a claim that is aborted',
  abortReason: "abort › rejects an aborted claim, if it does, with the signal's reason",
  abortSettle: 'abort › records outcomes when asked again after a settle that was aborted',
  crashWaiting: 'crash › keeps waiting jobs over a crash',
  crashClaimed: 'crash › hands out again after a crash what was handed out before it',
  crashSettled: 'crash › keeps over a crash what was settled before it',
  identity: 'identity › declares specVersion 1 and the short name of its adapter',
  methods: 'identity › has the optional methods that its capabilities declare, and no others',
  down: 'failures › rejects a claim with a SnapmintError on an unreachable service',
  close: 'close › closes, and closes again without an error',
} as const

export function breakJobs({ change }: BrokenJobs): (store: JobStore) => JobSource<unknown> {
  return (store) => {
    const correct = referenceJobs(store)
    return { ...correct, ...change(correct, store) }
  }
}
