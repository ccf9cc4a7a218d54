import type { JobClaim, JobOutcome, JobSource, Receipt } from '@snapmint/core/adapter'
import type { JobSourceHarness, JobState } from '../../src/index.js'

export interface StoredJob {
  readonly id: string
  readonly job: unknown
  state: JobState
  attempt: number
  token: string
  /** When a claimed job's lease ends, or a waiting job may be handed out. */
  at: number
  receipt?: Receipt
}

/** What outlives the source: jobs, clock, listeners of the service. */
export interface JobStore {
  readonly jobs: Map<string, StoredJob>
  readonly listeners: Set<() => void>
  now: number
  tokens: number
}

function isAvailable({ state, at }: StoredJob, now: number): boolean {
  return (state === 'waiting' || state === 'claimed') && at <= now
}

function record(stored: StoredJob, outcome: JobOutcome, now: number): void {
  if (outcome.status === 'retry') {
    stored.state = 'waiting'
    stored.at = now + (outcome.retryAfterMs ?? 0)
    if (outcome.untried) stored.attempt -= 1
  } else {
    stored.state = outcome.status
    if (outcome.status === 'done') stored.receipt = outcome.receipt
  }
  stored.token = ''
}

/** A correct job source over a store in memory. Broken ones are made from it by changing one thing. */
export function referenceJobs(store: JobStore): Required<JobSource<unknown>> {
  const holder = (token: string) => [...store.jobs.values()].find((stored) => stored.token === token)
  return {
    specVersion: 1,
    adapter: 'reference',
    sweepMs: 1000,
    async claim({ max, leaseMs, signal }) {
      signal.throwIfAborted()
      const claims: JobClaim<unknown>[] = []
      for (const stored of store.jobs.values()) {
        if (claims.length >= max) break
        if (!isAvailable(stored, store.now)) continue
        store.tokens += 1
        Object.assign(stored, {
          state: 'claimed',
          attempt: stored.attempt + 1,
          token: `token-${store.tokens}`,
          at: store.now + leaseMs,
        })
        claims.push({ id: stored.id, token: stored.token, job: stored.job, attempt: stored.attempt, leaseExpiresAt: stored.at })
      }
      return claims
    },
    async settle(outcomes, { signal }) {
      signal.throwIfAborted()
      for (const outcome of outcomes) {
        const stored = holder(outcome.token)
        if (stored) record(stored, outcome, store.now)
      }
    },
    async extend(tokens, leaseMs) {
      return tokens.filter((token) => {
        const stored = holder(token)
        if (stored) stored.at = store.now + leaseMs
        return stored === undefined
      })
    },
    watch(onAvailable, { signal }) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve()
        store.listeners.add(onAvailable)
        const stop = () => {
          store.listeners.delete(onAvailable)
          resolve()
        }
        signal.addEventListener('abort', stop, { once: true })
      })
    },
    async close() {},
  }
}

/** A harness over a store in memory. `make` builds the source: the reference one, or one that is broken. */
export function jobsHarness(make: (store: JobStore) => JobSource<unknown> = referenceJobs): JobSourceHarness<unknown> {
  const store: JobStore = { jobs: new Map(), listeners: new Set(), now: Date.now(), tokens: 0 }
  return {
    jobs: make(store),
    async add(job) {
      const id = `job-${store.jobs.size + 1}`
      store.jobs.set(id, { id, job, state: 'waiting', attempt: 0, token: '', at: 0 })
      for (const listener of store.listeners) listener()
      return id
    },
    state: async (id) => store.jobs.get(id)?.state,
    receipt: async (id) => store.jobs.get(id)?.receipt,
    advance(durationMs) {
      store.now += durationMs
    },
    now: () => store.now,
    async reopen() {
      store.listeners.clear()
      return make(store)
    },
  }
}
