import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { JobSource } from '../spec/job-source.js'
import { bounded, isAbortOf } from '../util/abort.js'
import { backoffMs } from '../util/backoff.js'
import { timerDelay } from '../util/delay.js'

export interface ClaimLoopOptions {
  readonly jobs: JobSource<unknown>
  readonly leaseMs: number
  /** Most claims of one batch. */
  readonly maxBatch: number
  /** How many more claims can be served now; ≤ 0: none. */
  capacity(): number
  /** @param claimedAt when they were asked for, on the monotonic clock. */
  onClaims(claims: readonly unknown[], claimedAt: number): void
  onUnavailable(operation: 'claim' | 'watch', error: unknown, delayMs: number): void
  readonly random: () => number
}

export interface ClaimLoop {
  /** Room was made: look again. */
  roomMade(): void
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
export function startClaimLoop(options: ClaimLoopOptions): ClaimLoop {
  const { jobs, capacity, onClaims, onUnavailable, random, maxBatch, leaseMs } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const sweepMs = typeof jobs.sweepMs === 'number' && jobs.sweepMs > 0 ? timerDelay(jobs.sweepMs) : DEFAULT_SWEEP_MS
  let hinted = false
  let onHint = () => {}
  let onRoom = () => {}
  let pending: Promise<unknown> = Promise.resolve()

  /** Sleeps until the sweep is due, a hint comes, or the loop is stopped. Room alone does not wake it: asking may cost money. */
  async function untilJobs(): Promise<void> {
    if (hinted || signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, sweepMs)
      onHint = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async function untilRoom(): Promise<void> {
    await new Promise<void>((resolve) => {
      onRoom = resolve
      if (signal.aborted || capacity() > 0) resolve()
    })
  }

  function hint(): void {
    hinted = true
    onHint()
  }

  async function claimBatch(max: number): Promise<number> {
    const timeoutError = () =>
      new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', `claim() of the ${jobs.adapter} jobs did not answer within ${leaseMs} ms`, {
        retryable: true,
      })
    const claimedAt = performance.now()
    let answer: Promise<unknown> = Promise.resolve()
    const ask = (aborted: AbortSignal) => {
      answer = new Promise((resolve) => resolve(jobs.claim({ max, leaseMs, signal: aborted })))
      pending = answer.catch(() => {})
      return answer
    }
    try {
      return handOn(await bounded(ask, { signal, timeoutMs: leaseMs, timeoutError }), max, claimedAt)
    } catch (error) {
      // What comes after all is under lease: hand it on rather than let it lie until the lease is over.
      answer.then((late) => handOn(late, max, claimedAt)).catch(() => {})
      throw error
    }
  }

  function handOn(claims: unknown, max: number, claimedAt: number): number {
    const what = `claim() of the ${jobs.adapter} jobs answered`
    if (!Array.isArray(claims))
      throw new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', `${what} ${typeof claims} instead of an array`)
    if (claims.length > max) {
      // Taken all the same: they are under lease.
      onUnavailable(
        'claim',
        new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', `${what} ${claims.length} claims, though at most ${max} were asked for`),
        0,
      )
    }
    if (claims.length > 0) onClaims(claims, claimedAt)
    return claims.length
  }

  async function loop(): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      if (capacity() < 1) await untilRoom()
      if (Math.min(maxBatch, capacity()) < maxBatch / 4) await sleep(GATHER_MS, undefined, { signal }).catch(() => {})
      const max = Math.min(maxBatch, Math.floor(capacity()))
      if (signal.aborted || max < 1) continue
      hinted = false
      try {
        const count = await claimBatch(max)
        failures = 0
        if (count === 0) await untilJobs()
      } catch (error) {
        if (isAbortOf(signal, error)) return
        await pauseAfter('claim', error, ++failures)
      }
    }
  }

  async function watchForever(): Promise<void> {
    for (let failures = 1; jobs.watch !== undefined && !signal.aborted; failures++) {
      try {
        await jobs.watch(hint, { signal })
        if (signal.aborted) return
        throw new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', `watch() of the ${jobs.adapter} jobs ended by itself`)
      } catch (error) {
        if (!signal.aborted) await pauseAfter('watch', error, failures)
      }
    }
  }

  async function pauseAfter(operation: 'claim' | 'watch', error: unknown, failures: number): Promise<void> {
    const delayMs = backoffMs(failures, backoff, random, SnapmintError.isInstance(error) ? error.retryAfterMs : undefined)
    onUnavailable(operation, error, delayMs)
    await sleep(delayMs, undefined, { signal }).catch(() => {})
  }

  const watching = watchForever()
  const looping = loop()

  return {
    roomMade: () => onRoom(),
    async stop() {
      stopping.abort(new SnapmintError('SNAPMINT_PIPELINE_STOPPED', 'The pipeline stopped'))
      onHint()
      onRoom()
      await looping
      // A claim or a watch that ignores its signal keeps nobody waiting for long.
      const late = new AbortController()
      const limit = sleep(LATE_MS, undefined, { signal: late.signal }).catch(() => {})
      await Promise.race([Promise.allSettled([watching, pending]), limit])
      late.abort()
    },
  }
}
