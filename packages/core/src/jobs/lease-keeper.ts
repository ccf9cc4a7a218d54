import { SnapmintError } from '../errors/snapmint-error.js'
import type { JobSource } from '../spec/job-source.js'
import { bounded } from '../util/abort.js'
import { timerDelay } from '../util/delay.js'
import { createTurnoverMap } from '../util/turnover-map.js'

export interface LeaseKeeperOptions {
  readonly jobs: Pick<JobSource<never>, 'adapter' | 'extend'>
  readonly leaseMs: number
  /** Called once for a token whose lease another host may have now. */
  onLost(token: string): void
  onUnavailable(error: unknown, delayMs: number): void
}

export interface LeaseKeeper {
  /** Keeps the lease of `token`, which ends at `expiresAt` of the monotonic clock (`performance.now()`), from now on. */
  keep(token: string, expiresAt: number): void
  release(token: string): void
  readonly size: number
  /** Ends the timer. Leases run out by themselves. */
  stop(): void
}

/** Most tokens of one `extend`. */
const MAX_BATCH = 1_000
/** Calls of `extend` at the same time. */
const MAX_CALLS = 4
/** A failed renewal is repeated no sooner, in ms. */
const LEAST_DELAY_MS = 10

/**
 * Renews leases in bulk. The rules:
 *   - Expiry is counted on the monotonic clock from before the call that gave or renewed the lease: no step of a wall clock, ours or the job source's, can
 *     make a lease look longer or shorter than it is.
 *   - Every half `leaseMs` all leases kept are renewed, so that one failed call leaves time for another try; after a failed call the next round comes in an eighth.
 *   - A batch that fails does not keep others from being renewed. One refused for good is split until the culprit is alone.
 *   - A token that `extend` answers is lost: at once, whatever its old expiry.
 *   - A token whose expiry passes without a renewal is lost, too, at that moment: another host may have it. So it is for sources that cannot renew.
 *   - Losing is final. The work is dropped; if a picture was stored already, the next host stores the same bytes under the same key.
 */
export function createLeaseKeeper({ jobs, leaseMs, onLost, onUnavailable }: LeaseKeeperOptions): LeaseKeeper {
  const expiry = createTurnoverMap<string, number>()
  const abort = new AbortController()
  let renewAt = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY
  let renewing = false

  function lose(token: string): void {
    if (expiry.delete(token)) onLost(token)
  }

  const timeoutError = () =>
    new SnapmintError(
      'SNAPMINT_JOBS_UNAVAILABLE',
      `extend() of the ${jobs.adapter} jobs did not answer within ${leaseMs / 4} ms`,
      {
        retryable: true,
      },
    )

  /** Renews a batch, apart from lost tokens. Resolves to the error if that failed. */
  async function extendOnce(batch: readonly string[]): Promise<unknown> {
    const renewedUntil = performance.now() + leaseMs
    try {
      const extend = (signal: AbortSignal) => jobs.extend!(batch, leaseMs, { signal })
      const lost = await bounded(extend, { signal: abort.signal, timeoutMs: leaseMs / 4, timeoutError })
      for (const token of batch) if (expiry.has(token)) expiry.set(token, renewedUntil)
      for (const token of lost) lose(token)
      return undefined
    } catch (error) {
      return error ?? new Error('extend failed')
    }
  }

  /** Finds out of a batch that failed which tokens are to blame. Two halves that both fail in a passing way are an outage. Resolves to whether all were renewed. */
  async function split(batch: readonly string[], error: unknown): Promise<boolean> {
    if (batch.length === 1 || abort.signal.aborted) return false
    const middle = Math.ceil(batch.length / 2)
    const halves = [batch.slice(0, middle), batch.slice(middle)]
    const errors = await Promise.all(halves.map(extendOnce))
    const final = SnapmintError.isInstance(error) && !error.retryable
    if (errors.every((each) => each !== undefined) && !final) return false
    const renewed = await Promise.all(halves.map((half, n) => errors[n] === undefined || split(half, errors[n])))
    return renewed.every(Boolean)
  }

  async function extendBatch(batch: readonly string[]): Promise<boolean> {
    const error = await extendOnce(batch)
    if (error === undefined || abort.signal.aborted) return true
    onUnavailable(error, retryDelayMs())
    return split(batch, error)
  }

  const retryDelayMs = () => Math.max(LEAST_DELAY_MS, leaseMs / 8)

  async function renewAll(): Promise<void> {
    renewing = true
    // Those that end soonest first.
    const tokens = [...expiry].sort(([, a], [, b]) => a - b).map(([token]) => token)
    const batches = Array.from({ length: Math.ceil(tokens.length / MAX_BATCH) }, (_, n) =>
      tokens.slice(n * MAX_BATCH, (n + 1) * MAX_BATCH),
    )
    let sound = true
    const worker = async () => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) sound = (await extendBatch(batch)) && sound
    }
    await Promise.all(Array.from({ length: MAX_CALLS }, worker))
    renewing = false
    renewAt = performance.now() + (sound ? leaseMs / 2 : retryDelayMs())
    schedule()
  }

  function tick(): void {
    timer = undefined
    timerAt = Number.POSITIVE_INFINITY
    const now = performance.now()
    for (const [token, expiresAt] of [...expiry]) if (expiresAt <= now) lose(token)
    if (jobs.extend !== undefined && !renewing && now >= renewAt && expiry.size > 0) void renewAll()
    schedule()
  }

  /** Wakes at the next renewal or the next expiry, whichever comes first. */
  function schedule(): void {
    if (expiry.size === 0 || abort.signal.aborted) return
    let next = jobs.extend === undefined || renewing ? Number.POSITIVE_INFINITY : renewAt
    for (const [, expiresAt] of expiry) next = Math.min(next, expiresAt)
    scheduleAt(next)
  }

  function scheduleAt(next: number): void {
    if (next >= timerAt) return
    clearTimeout(timer)
    timerAt = next
    // A timer may fire a fraction of a millisecond early.
    timer = setTimeout(tick, timerDelay(next - performance.now()) + 1)
  }

  return {
    get size() {
      return expiry.size
    },
    keep(token, expiresAt) {
      const now = performance.now()
      if (expiry.size === 0) renewAt = Number.POSITIVE_INFINITY
      renewAt = Math.min(renewAt, now + (expiresAt - now) / 2)
      expiry.set(token, expiresAt)
      scheduleAt(jobs.extend === undefined || renewing ? expiresAt : Math.min(renewAt, expiresAt))
    },
    release: (token) => void expiry.delete(token),
    stop() {
      abort.abort(new Error('The lease keeper stopped'))
      clearTimeout(timer)
      expiry.clear()
    },
  }
}
