import { SnapmintError } from '../errors/snapmint-error.js'
import type { EpochMs } from '../spec/frame.js'
import type { JobSource } from '../spec/job-source.js'
import { bounded } from '../util/abort.js'
import { createTurnoverMap } from '../util/turnover-map.js'

export interface LeaseKeeperOptions {
  readonly jobs: Pick<JobSource<never>, 'adapter' | 'extend'>
  readonly leaseMs: number
  readonly now: () => EpochMs
  /** Called once for a token whose lease another host may have now. */
  onLost(token: string): void
  onUnavailable(error: unknown, delayMs: number): void
}

export interface LeaseKeeper {
  /** Keeps the lease of `token` from now on. `leaseExpiresAt` undefined: it has none. */
  keep(token: string, leaseExpiresAt: EpochMs | undefined): void
  release(token: string): void
  readonly size: number
  /** Ends the timer. Leases run out by themselves. */
  stop(): void
}

/** Most tokens of one `extend`. */
const MAX_BATCH = 1_000

/**
 * Renews leases in bulk. The rules:
 *   - Every half `leaseMs` all leases kept are renewed, so that one failed call leaves time for another try; a failed call is repeated after an eighth.
 *   - A token that `extend` answers is lost: at once, whatever its old expiry.
 *   - A token whose expiry passes without a renewal is lost, too: another host may have it. So it is for sources that cannot renew.
 *   - Losing is final. The work is dropped; if a picture was stored already, the next host stores the same bytes under the same key.
 */
export function createLeaseKeeper({ jobs, leaseMs, now, onLost, onUnavailable }: LeaseKeeperOptions): LeaseKeeper {
  const expiry = createTurnoverMap<string, EpochMs>()
  const abort = new AbortController()
  let timer: NodeJS.Timeout | undefined

  function lose(token: string): void {
    if (expiry.delete(token)) onLost(token)
  }

  const timeoutError = () =>
    new SnapmintError(
      'SNAPMINT_JOBS_UNAVAILABLE',
      `extend() of the ${jobs.adapter} jobs did not answer within ${leaseMs / 4} ms`,
      { retryable: true },
    )

  async function renew(): Promise<void> {
    const extend = jobs.extend?.bind(jobs)
    const tokens = [...expiry.keys()]
    for (let from = 0; extend !== undefined && from < tokens.length; from += MAX_BATCH) {
      const batch = tokens.slice(from, from + MAX_BATCH)
      const renewedUntil = now() + leaseMs
      const lost = await bounded((signal) => extend(batch, leaseMs, { signal }), {
        signal: abort.signal,
        timeoutMs: leaseMs / 4,
        timeoutError,
      })
      for (const token of batch) if (expiry.has(token)) expiry.set(token, renewedUntil)
      for (const token of lost) lose(token)
    }
  }

  async function tick(): Promise<void> {
    let delayMs = leaseMs / 2
    try {
      await renew()
    } catch (error) {
      delayMs = leaseMs / 8
      if (!abort.signal.aborted) onUnavailable(error, delayMs)
    }
    for (const [token, expiresAt] of expiry) if (expiresAt <= now()) lose(token)
    schedule(delayMs)
  }

  function schedule(delayMs: number): void {
    timer = undefined
    if (expiry.size === 0 || abort.signal.aborted) return
    timer = setTimeout(() => void tick(), delayMs)
  }

  return {
    get size() {
      return expiry.size
    },
    keep(token, leaseExpiresAt) {
      if (leaseExpiresAt === undefined) return
      expiry.set(token, leaseExpiresAt)
      if (timer === undefined) schedule(leaseMs / 2)
    },
    release: (token) => void expiry.delete(token),
    stop() {
      abort.abort(new Error('The lease keeper stopped'))
      clearTimeout(timer)
      expiry.clear()
    },
  }
}
