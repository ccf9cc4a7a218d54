import type { EpochMs, InMemoryLeases } from '@snapmint/core/adapter'
import type { LeaseRecord } from './lease-record.js'
import type { Candidate } from './waiting-list.js'

/** A document under a lease of this process. */
export interface HandedOut {
  /** As of our latest write or, without any, as it was read. */
  candidate: Candidate
  readonly token: string
  readonly attempt: number
  renewals: number
  /** Its outcome is being written. */
  settling: boolean
}

/** What this process has handed out. */
export interface HandedOutJobs {
  readonly size: number
  has(id: string): boolean
  get(id: string): HandedOut | undefined
  /** By the token of the lease; undefined when it is not valid any more. */
  find(token: string): HandedOut | undefined
  put(work: HandedOut): void
  /** Ends its lease and forgets it. */
  forget(work: HandedOut): void
  /** When the latest leases end; undefined when nothing is handed out. */
  leasesEndAt(): EpochMs | undefined
  /** A lease was given or renewed. */
  leasedUntil(time: EpochMs): void
}

export function createHandedOutJobs(leases: InMemoryLeases): HandedOutJobs {
  const works = new Map<string, HandedOut>()
  let endAt: EpochMs = 0
  return {
    get size() {
      return works.size
    },
    has: (id) => works.has(id),
    get: (id) => works.get(id),
    find(token) {
      const lease = leases.find(token)
      return lease === undefined ? undefined : works.get(lease.id)
    },
    put: (work) => void works.set(work.candidate.id, work),
    forget({ candidate, token }) {
      // The token's lease, and not a later one of the same document.
      if (leases.find(token) !== undefined) leases.forget(candidate.id)
      if (works.get(candidate.id)?.token === token) works.delete(candidate.id)
    },
    leasesEndAt: () => (works.size === 0 ? undefined : endAt),
    leasedUntil(time) {
      endAt = time
    },
  }
}

/** The lease that a document gets with a hand-out or its renewal. */
export function leaseRecord(holder: string, { token, attempt, renewals }: HandedOut, leaseMs: number): LeaseRecord {
  return { holder, token, ms: leaseMs, attempt, renewals }
}
