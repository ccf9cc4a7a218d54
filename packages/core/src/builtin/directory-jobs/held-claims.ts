import type { EpochMs } from '../../spec/frame.js'
import { type ClaimName, claimBaseName } from './job-file-name.js'

/** A claim of this instance. */
export interface HeldClaim {
  readonly token: string
  readonly id: string
  readonly attempt: number
  /** What the job's file holds, for its record. */
  readonly job: unknown
  /** Name of its file without the extension; changes when the lease is renewed. */
  base: string
  /** The outcome that is in force, its file perhaps not yet in its place. */
  settledAs?: 'done' | 'failed' | undefined
}

export interface HeldClaims {
  /** Makes a name for a new claim of this instance. */
  nextName(id: string, attempt: number, expiresAt: EpochMs): ClaimName
  add(name: ClaimName, job: unknown): HeldClaim
  find(token: string): HeldClaim | undefined
  holds(id: string): boolean
  forget(claim: HeldClaim): void
  all(): HeldClaim[]
  /**
   * Runs `work` when nothing else is being done with the claim, and not at all when it has been forgotten by then. Extending renames the file that settling
   * is about to rename: one of them would take the claim for lost.
   */
  exclusively(claim: HeldClaim, work: () => Promise<void>): Promise<void>
}

/** The claims of the instance that is called `owner`. */
export function createHeldClaims(owner: string): HeldClaims {
  const byToken = new Map<string, HeldClaim>()
  const ids = new Map<string, number>()
  const busy = new Map<HeldClaim, Promise<void>>()
  let count = 0

  return {
    nextName(id, attempt, expiresAt) {
      count += 1
      return { id, attempt, expiresAt, owner, number: count.toString(36) }
    },
    add(name, job) {
      const { id, attempt, number } = name
      const claim = { token: `${owner}-${number}`, id, attempt, job, base: claimBaseName(name) }
      byToken.set(claim.token, claim)
      ids.set(id, (ids.get(id) ?? 0) + 1)
      return claim
    },
    find: (token) => byToken.get(token),
    holds: (id) => ids.has(id),
    forget(claim) {
      if (!byToken.delete(claim.token)) return
      const left = (ids.get(claim.id) ?? 1) - 1
      if (left === 0) ids.delete(claim.id)
      else ids.set(claim.id, left)
    },
    all: () => [...byToken.values()],
    exclusively(claim, work) {
      const before = busy.get(claim) ?? Promise.resolve()
      const run = before
        .catch(() => {})
        .then(async () => {
          if (byToken.get(claim.token) === claim) await work()
        })
        .finally(() => {
          if (busy.get(claim) === run) busy.delete(claim)
        })
      busy.set(claim, run)
      return run
    },
  }
}
