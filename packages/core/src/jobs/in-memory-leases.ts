import { randomBytes } from 'node:crypto'
import type { EpochMs } from '../spec/frame.js'
import { expectKnownOptions, expectPositive, expectString } from '../util/expect-option.js'
import { createTurnoverMap } from '../util/turnover-map.js'

/*
 * The lease rules.
 *
 * A lease says: this job is being worked on, by whoever holds the token, until the lease ends. There are three states of an id:
 *
 *   unknown ──take──▶ held ──release──▶ waiting ──take──▶ held …          settle or forget: back to unknown, from any state
 *
 * - At most one token of an id is valid: the one of its latest hand-out. Any older one is stale, and neither extends, settles nor releases anything.
 * - A lease whose time is over may be handed out again, under another token and with attempt + 1. Until somebody does, its holder still has it: he
 *   may extend or settle it, because nobody else has begun the work. A main thread that was blocked for too long thus repeats nothing.
 * - `release` hands a job back and keeps its count of attempts; an untried one gets its attempt back.
 * - `settle` ends the job: nothing of it is remembered. Memory is that of the ids which are held or waiting.
 *
 * Leases of the same length end in the order in which they were given or renewed, so that each length has a list of its own, in that order, whose
 * head is the next to end. Every operation is thus O(1) in the number of leases. Lengths are few: a pipeline uses one.
 * When an injected clock runs backwards the order is not that of the ends, and some leases are handed out again later than they might be.
 */

/** One hand-out of an id. */
export interface Lease {
  readonly id: string
  /** Names this hand-out. */
  readonly token: string
  /** 1 for the first hand-out of the id. */
  readonly attempt: number
  /** When it may be handed out again, by the leases' clock. */
  readonly expiresAt: EpochMs
}

/** Leases for a job source whose service has none. In one process; every call is O(1) for each id or token. */
export interface InMemoryLeases {
  /** Hands out `id`, or undefined while somebody holds it. One whose lease has ended is handed out again with `attempt` + 1. */
  take(id: string, leaseMs: number): Lease | undefined
  /** Hands out again up to `max` ids whose lease has ended, in the order in which they were given. */
  takeExpired(max: number, leaseMs: number): Lease[]
  /** Renews leases. Returns the tokens that are stale or unknown. */
  extend(tokens: readonly string[], leaseMs: number): string[]
  /** Ends the job and forgets it. Returns its id, or undefined when the token is stale: then nothing happens. */
  settle(token: string): string | undefined
  /**
   * Ends the lease but not the job. Returns its id, or undefined when the token is stale: then nothing happens.
   * @param options.untried the hand-out does not count as an attempt.
   */
  release(token: string, options?: { readonly untried?: boolean | undefined }): string | undefined
  /** Forgets an id that was withdrawn; its token becomes stale. */
  forget(id: string): void
  /** The lease that a token stands for, or undefined when it is stale. */
  find(token: string): Lease | undefined
  /** Ids that are held, whether or not their time is over. */
  readonly held: number
  /** Ids that are remembered: held, or released with attempts to remember. */
  readonly remembered: number
}

export interface InMemoryLeasesOptions {
  /** Default: a clock that no step of the wall clock disturbs. */
  readonly clock?: (() => EpochMs) | undefined
  /** Distinguishes the tokens of this instance from those of any other. Default: 64 random bits. */
  readonly random?: (() => string) | undefined
}

interface HeldLease {
  readonly id: string
  readonly token: string
  readonly attempt: number
  expiresAt: EpochMs
  leaseMs: number
}

/** Leases kept in memory. See the rules at the top of this file. */
export function inMemoryLeases(options: InMemoryLeasesOptions = {}): InMemoryLeases {
  expectKnownOptions('inMemoryLeases', options, ['clock', 'random'])
  const { clock = steadyNow, random = randomPrefix } = options
  const prefix = random()
  const byToken = createTurnoverMap<string, HeldLease>()
  const byId = createTurnoverMap<string, HeldLease>()
  /** Attempts of ids that are released; only those with any. */
  const attempts = new Map<string, number>()
  const byLength = new Map<number, Map<string, HeldLease>>()
  let handOuts = 0

  function enqueue(lease: HeldLease, now: EpochMs, leaseMs: number): void {
    lease.leaseMs = leaseMs
    lease.expiresAt = now + leaseMs
    const list = byLength.get(leaseMs)
    if (list === undefined) byLength.set(leaseMs, new Map([[lease.token, lease]]))
    else list.set(lease.token, lease)
  }

  function dequeue({ token, leaseMs }: HeldLease): void {
    const list = byLength.get(leaseMs)
    list?.delete(token)
    if (list?.size === 0) byLength.delete(leaseMs)
  }

  function handOut(id: string, attempt: number, now: EpochMs, leaseMs: number): Lease {
    handOuts += 1
    const lease: HeldLease = { id, token: `${prefix}-${handOuts.toString(36)}`, attempt, expiresAt: 0, leaseMs }
    byToken.set(lease.token, lease)
    byId.set(id, lease)
    enqueue(lease, now, leaseMs)
    return toLease(lease)
  }

  function drop(lease: HeldLease): void {
    byToken.delete(lease.token)
    byId.delete(lease.id)
    dequeue(lease)
  }

  function handOutAgain(lease: HeldLease, now: EpochMs, leaseMs: number): Lease {
    drop(lease)
    return handOut(lease.id, lease.attempt + 1, now, leaseMs)
  }

  return {
    take(id, leaseMs) {
      expectString('id', id)
      expectPositive('leaseMs', leaseMs)
      const now = clock()
      const held = byId.get(id)
      if (held !== undefined) return held.expiresAt <= now ? handOutAgain(held, now, leaseMs) : undefined
      const attempt = (attempts.get(id) ?? 0) + 1
      attempts.delete(id)
      return handOut(id, attempt, now, leaseMs)
    },
    takeExpired(max, leaseMs) {
      expectPositive('leaseMs', leaseMs)
      const now = clock()
      const ended: HeldLease[] = []
      for (const list of byLength.values()) {
        for (const lease of list.values()) {
          if (lease.expiresAt > now || ended.length >= max) break
          ended.push(lease)
        }
      }
      return ended.map((lease) => handOutAgain(lease, now, leaseMs))
    },
    extend(tokens, leaseMs) {
      expectPositive('leaseMs', leaseMs)
      const now = clock()
      return tokens.filter((token) => {
        const lease = byToken.get(token)
        if (lease === undefined) return true
        dequeue(lease)
        enqueue(lease, now, leaseMs)
        return false
      })
    },
    settle(token) {
      const lease = byToken.get(token)
      if (lease === undefined) return undefined
      drop(lease)
      return lease.id
    },
    release(token, { untried = false } = {}) {
      const lease = byToken.get(token)
      if (lease === undefined) return undefined
      drop(lease)
      const tried = untried ? lease.attempt - 1 : lease.attempt
      if (tried > 0) attempts.set(lease.id, tried)
      return lease.id
    },
    forget(id) {
      attempts.delete(id)
      const lease = byId.get(id)
      if (lease !== undefined) drop(lease)
    },
    find(token) {
      const lease = byToken.get(token)
      return lease && toLease(lease)
    },
    get held() {
      return byToken.size
    },
    get remembered() {
      return byToken.size + attempts.size
    },
  }
}

function toLease({ id, token, attempt, expiresAt }: HeldLease): Lease {
  return { id, token, attempt, expiresAt }
}

/** Leases measure how long, not when: a wall clock that is stepped would end all of them at once, or none for hours. */
function steadyNow(): EpochMs {
  return performance.timeOrigin + performance.now()
}

function randomPrefix(): string {
  return randomBytes(8).toString('hex')
}
