import type { EpochMs } from './frame.js'
import type { JobError } from './job-error.js'
import type { Receipt } from './receipt.js'

/** A job that says itself what it wants. Sources of other jobs give the route a `select` instead. */
export interface Job<Source extends string = string> {
  /** The instant asked for; past or coming. */
  readonly targetTime: EpochMs
  /** The source asked; left out: every source of the pipeline. */
  readonly source?: Source | undefined
}

/** A job handed out under a lease. */
export interface JobClaim<J = Job> {
  /** Stable over redeliveries: the idempotency key. */
  readonly id: string
  /** Names this hand-out; a later claim of the same job has another one. */
  readonly token: string
  readonly job: J
  /** 1 for the first hand-out. */
  readonly attempt: number
  /** When the lease ends, by this machine's wall clock (`Date.now()`). Left out: it does not. */
  readonly leaseExpiresAt?: EpochMs | undefined
}

/** What became of a claim. */
export type JobOutcome =
  | { readonly status: 'done'; readonly id: string; readonly token: string; readonly receipt: Receipt }
  | {
      readonly status: 'retry'
      readonly id: string
      readonly token: string
      readonly error: JobError
      /** Do not hand it out again before this many ms have passed. Default 0. */
      readonly retryAfterMs?: number | undefined
      /** The claim was handed back unworked (it is not due yet, the pipeline stops): not a failed attempt. */
      readonly untried?: boolean | undefined
    }
  | { readonly status: 'failed'; readonly id: string; readonly token: string; readonly error: JobError }

export interface ClaimContext {
  /** At most so many claims; ≥ 1. */
  readonly max: number
  readonly leaseMs: number
  readonly signal: AbortSignal
}

/** Where jobs come from. Jobs are pulled: a batch in, a batch of outcomes out. Adapters classify errors; core retries. */
export interface JobSource<J = Job> {
  readonly specVersion: 1
  readonly adapter: string
  /** How often core asks for jobs when nothing woke it, in ms. Default 1,000; a source whose questions cost money says more. */
  readonly sweepMs?: number | undefined
  /** Up to `max` jobs, each under a lease of `leaseMs`. An empty array when there are none: it does not wait. */
  claim(context: ClaimContext): Promise<readonly JobClaim<J>[]>
  /**
   * Records outcomes, in bulk. Idempotent: core repeats a failed call with the same outcomes. A token whose lease was lost is ignored, not an error.
   */
  settle(outcomes: readonly JobOutcome[], context: { readonly signal: AbortSignal }): Promise<void>
  /** Renews leases in bulk. Resolves to the tokens whose lease is lost. */
  extend?(tokens: readonly string[], leaseMs: number, context: { readonly signal: AbortSignal }): Promise<readonly string[]>
  /**
   * Calls `onAvailable` when jobs may be waiting: a hint, never data. Resolves when `signal` aborts. May throw when the listener breaks: core starts
   * it again; a sweep runs in any case.
   */
  watch?(onAvailable: () => void, context: { readonly signal: AbortSignal }): Promise<void>
  /** Releases everything. Called once, after the last `settle`. */
  close?(): Promise<void>
}
