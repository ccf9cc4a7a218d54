import type { JobSource, Receipt } from '@snapmint/core/adapter'
import type { ConformanceRunner } from '../runner/conformance-runner.js'
import type { FailureCase } from '../runner/failure-case.js'

/** What a job source can do. Each one declared is tested; the optional methods are not called unless declared. */
export interface JobSourceCapabilities {
  /** Leases end: a job that is not settled in time is handed out again. Default true. */
  readonly leases?: boolean | undefined
  /** Has `extend`. Default false. */
  readonly extend?: boolean | undefined
  /** Has `watch`. Default false. */
  readonly watch?: boolean | undefined
  /** Jobs and outcomes outlive the process. Needs the harness' `reopen`. Default false. */
  readonly durable?: boolean | undefined
  /** Settling `retry` brings the job back. False for jobs that are not worth a second try, such as a clock's. Default true. */
  readonly retry?: boolean | undefined
  /** `retryAfterMs` is honoured. Default: that of `retry`. */
  readonly retryAfter?: boolean | undefined
  /** Hand-outs are counted in `attempt`, and those given back `untried` are not. Default: that of `retry`. */
  readonly attempts?: boolean | undefined
}

/** Where a job stands, as the test of an adapter sees it in the adapter's own store. */
export type JobState = 'waiting' | 'claimed' | 'done' | 'failed'

/** A job source over an empty store, and the test's hands on that store. Made anew for each rule. */
export interface JobSourceHarness<J> {
  readonly jobs: JobSource<J>
  /** Files a job, as any of the service's users would, and resolves to the id that its claims will carry. */
  add(job: J): Promise<string>
  /** Where the job stands; undefined where the store does not tell. Given, settled outcomes are checked in the store too. */
  state?(id: string): Promise<JobState | undefined>
  /** What the store keeps of a receipt. Given, it is compared with what was settled. */
  receipt?(id: string): Promise<Receipt | undefined>
  /** Moves the source's injected clock on. Left out: the suite waits in real time. */
  advance?(durationMs: number): Promise<void> | void
  /** The source's clock, in epoch ms. Default `Date.now`. */
  now?(): number
  /** Drops the source as a crash would, without `close()`, and opens another one on the same store. */
  reopen?(): Promise<JobSource<J>>
  teardown?(): Promise<void> | void
}

export interface JobSourceConformanceOptions<J> extends ConformanceRunner {
  create(): Promise<JobSourceHarness<J>> | JobSourceHarness<J>
  /** The `number`-th job, from 0. Different numbers give different jobs. */
  makeJob(number: number): J
  readonly capabilities?: JobSourceCapabilities | undefined
  /** Heads the suite. Default `job source`. */
  readonly name?: string | undefined
  /** Whether a claimed job is the one that was added. Default: equal as JSON. */
  isSameJob?(claimed: J, added: J): boolean
  /** The lease to ask for, in ms. Default 30000 where the harness can `advance`, else 500. Rules wait up to 2.5 times as long: raise `timeoutMs` with it. */
  readonly leaseMs?: number | undefined
  /** How many jobs the rule "hands out each of many jobs exactly once" uses. Default 1000. */
  readonly manyJobs?: number | undefined
  /** How long the steps of one rule may take together, in ms. Default 3000. */
  readonly timeoutMs?: number | undefined
  /** Ways in which the service can fail: `claim` of each source made here must reject. */
  readonly failures?: readonly FailureCase<JobSource<J>>[] | undefined
}
