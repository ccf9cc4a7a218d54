import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { JobClaim, JobSource } from '../spec/job-source.js'
import { bounded, isAbortOf } from '../util/abort.js'
import { backoffMs } from '../util/backoff.js'

export interface ClaimLoopOptions<J> {
  readonly jobs: JobSource<J>
  readonly leaseMs: number
  /** Most claims of one batch. */
  readonly maxBatch: number
  /** How many more claims can be served now; ≤ 0: none. */
  capacity(): number
  onClaims(claims: readonly JobClaim<J>[]): void
  onUnavailable(operation: 'claim' | 'watch', error: unknown, delayMs: number): void
  readonly random: () => number
}

export interface ClaimLoop {
  /** Room was made: look again. */
  wake(): void
  /** Claims no more. Resolves when the last call has ended; claims it still brought are handed on. */
  stop(): Promise<void>
}

const backoff = { initialMs: 100, maxMs: 5_000 }
const DEFAULT_SWEEP_MS = 1_000
/** While little room is free, wait this long for more: a batch in, a batch out. */
const GATHER_MS = 10
/** How long `stop` waits for calls that do not heed their signal. */
const LATE_MS = 500

/**
 * Claims batch after batch, as long as there is room, while earlier ones are still being delivered. Sleeps when there are no jobs until `watch` or
 * the sweep wakes it: hints come in milliseconds, and a listener gone deaf costs one sweep.
 */
export function startClaimLoop<J>(options: ClaimLoopOptions<J>): ClaimLoop {
  const { jobs, capacity, onClaims, onUnavailable, random, maxBatch, leaseMs } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let wakeUp: (() => void) | undefined
  let hinted = false
  let pending: Promise<unknown> = Promise.resolve()

  /** Sleeps until woken by a hint, by new room, by the clock, or by the stop. */
  async function rest(ms: number): Promise<void> {
    if (hinted || signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wakeUp = undefined
  }

  function wake(): void {
    wakeUp?.()
  }

  function hint(): void {
    hinted = true
    wake()
  }

  async function claim(max: number): Promise<readonly JobClaim<J>[]> {
    const timeoutError = () =>
      new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', `claim() of the ${jobs.adapter} jobs did not answer within ${leaseMs} ms`, {
        retryable: true,
      })
    const work = (aborted: AbortSignal) => {
      pending = new Promise((resolve) => resolve(jobs.claim({ max, leaseMs, signal: aborted })))
      return pending
    }
    const claims: unknown = await bounded(work, { signal, timeoutMs: leaseMs, timeoutError }).catch((error) => {
      // What comes after all is under lease: hand it on rather than let it lie until the lease is over.
      pending.then((late) => Array.isArray(late) && late.length > 0 && onClaims(late)).catch(() => {})
      throw error
    })
    if (Array.isArray(claims)) return claims
    throw new SnapmintError(
      'SNAPMINT_JOBS_UNAVAILABLE',
      `claim() of the ${jobs.adapter} jobs answered ${typeof claims} instead of an array`,
    )
  }

  async function loop(): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const room = Math.min(maxBatch, Math.floor(capacity()))
      if (room <= 0) {
        await new Promise<void>((resolve) => {
          wakeUp = resolve
          if (signal.aborted) resolve()
        })
        wakeUp = undefined
        continue
      }
      if (room < maxBatch / 4) await sleep(GATHER_MS)
      hinted = false
      try {
        const claims = await claim(Math.max(1, Math.min(maxBatch, Math.floor(capacity()))))
        failures = 0
        if (claims.length > 0) onClaims(claims)
        else await rest(jobs.sweepMs ?? DEFAULT_SWEEP_MS)
      } catch (error) {
        if (isAbortOf(signal, error)) return
        const delayMs = backoffMs(++failures, backoff, random, retryAfterOf(error))
        onUnavailable('claim', error, delayMs)
        await sleep(delayMs, undefined, { signal }).catch(() => {})
      }
    }
  }

  async function watchForever(): Promise<void> {
    for (let failures = 0; jobs.watch !== undefined && !signal.aborted; ) {
      try {
        await jobs.watch(hint, { signal })
        if (signal.aborted) return
        throw new Error(`watch() of the ${jobs.adapter} jobs ended by itself`)
      } catch (error) {
        if (signal.aborted) return
        const delayMs = backoffMs(++failures, backoff, random, retryAfterOf(error))
        onUnavailable('watch', error, delayMs)
        await sleep(delayMs, undefined, { signal }).catch(() => {})
      }
    }
  }

  const watching = watchForever()
  const looping = loop()

  return {
    wake,
    async stop() {
      stopping.abort(new SnapmintError('SNAPMINT_PIPELINE_STOPPED', 'The pipeline stopped'))
      wake()
      await looping
      // A claim or a watch that ignores its signal keeps nobody waiting for long.
      const late = new AbortController()
      await Promise.race([
        Promise.allSettled([watching, pending]),
        sleep(LATE_MS, undefined, { signal: late.signal }).catch(() => {}),
      ])
      late.abort()
    },
  }
}

function retryAfterOf(error: unknown): number | undefined {
  return SnapmintError.isInstance(error) ? error.retryAfterMs : undefined
}
