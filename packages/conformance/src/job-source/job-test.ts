import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobClaim, JobOutcome, JobSource } from '@snapmint/core/adapter'
import { createDeadline, teardownMs, type Within } from '../runner/within.js'
import type { JobSourceConformanceOptions, JobSourceHarness, JobState } from './job-source-options.js'

/** What a rule works with: a source over an empty store, each call guarded by the rule's deadline. */
export interface JobTest {
  readonly jobs: JobSource<unknown>
  readonly harness: JobSourceHarness<unknown>
  readonly within: Within
  readonly leaseMs: number
  readonly manyJobs: number
  makeJob(number: number): unknown
  isSameJob(claimed: unknown, added: unknown): boolean
  /** Files so many jobs; resolves to their ids, in order. */
  add(count: number): Promise<string[]>
  claim(max?: number, source?: JobSource<unknown>): Promise<readonly JobClaim<unknown>[]>
  /** Claims until `count` jobs have come. @throws AssertionError `why` when they do not before the deadline. */
  claimAll(count: number, why: string, source?: JobSource<unknown>): Promise<JobClaim<unknown>[]>
  /** Claims one job. */
  claimOne(why: string): Promise<JobClaim<unknown>>
  /** Claims once and expects nothing. */
  claimNone(why: string, source?: JobSource<unknown>): Promise<void>
  settle(outcomes: readonly JobOutcome[], source?: JobSource<unknown>): Promise<void>
  /** Lets time pass for the source. */
  elapse(durationMs: number): Promise<void>
  /** Lets every lease end that was given before. Nothing where leases do not end. */
  outlastLeases(): Promise<void>
  /** Looks a job's state up in the store, where the harness can. */
  expectState(id: string, state: JobState): Promise<void>
}

const sameJson = (claimed: unknown, added: unknown) => {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(claimed) ?? 'null'), JSON.parse(JSON.stringify(added) ?? 'null'))
    return true
  } catch {
    return false
  }
}

const listed = (claims: readonly JobClaim<unknown>[]) => claims.map(({ id, attempt }) => `${id} (attempt ${attempt})`).join(', ')

interface JobTestParts {
  readonly options: JobSourceConformanceOptions<unknown>
  readonly harness: JobSourceHarness<unknown>
  readonly within: Within
  readonly signal: AbortSignal
}

function createClaiming({ options, harness, within, signal }: JobTestParts, leaseMs: number) {
  const claim: JobTest['claim'] = async (max = 10, source = harness.jobs) => {
    const claims = await within('claim() should answer at once', source.claim({ max, leaseMs, signal }))
    // An empty answer that is no array is one rule's matter, not every rule's.
    return claims ?? []
  }
  const claimAll: JobTest['claimAll'] = async (count, why, source) => {
    const claims: JobClaim<unknown>[] = []
    const endsAt = performance.now() + (options.timeoutMs ?? 3000) * 0.75
    for (;;) {
      claims.push(...(await claim(Math.max(1, count - claims.length), source)))
      if (claims.length >= count) return claims
      if (performance.now() > endsAt) assert.fail(`${why}: ${claims.length} of ${count} came (${listed(claims) || 'none'})`)
      await sleep(5)
    }
  }
  return {
    claim,
    claimAll,
    claimOne: async (why: string) => (await claimAll(1, why))[0]!,
    claimNone: async (why: string, source?: JobSource<unknown>) => {
      const claims = await claim(10, source)
      assert.ok(claims.length === 0, `${why}; it was handed out: ${listed(claims)}`)
    },
  }
}

function createJobTest(parts: JobTestParts): JobTest {
  const { options, harness, within, signal } = parts
  const leaseMs = options.leaseMs ?? (harness.advance ? 30_000 : 500)
  const elapse = async (durationMs: number) => {
    if (harness.advance) await within('advance() of the harness', harness.advance(durationMs))
    else await within('time should pass: raise `timeoutMs` or lower `leaseMs`', sleep(durationMs))
  }
  let filed = 0
  const addOne = () => {
    const job = options.makeJob(filed)
    filed += 1
    return harness.add(job)
  }
  return {
    jobs: harness.jobs,
    harness,
    within,
    leaseMs,
    manyJobs: options.manyJobs ?? 1000,
    makeJob: (number) => options.makeJob(number),
    isSameJob: options.isSameJob ?? sameJson,
    ...createClaiming(parts, leaseMs),
    async add(count) {
      const ids: string[] = []
      while (ids.length < count) {
        const batch = Array.from({ length: Math.min(50, count - ids.length) }, addOne)
        ids.push(...(await within('add() of the harness', Promise.all(batch))))
      }
      return ids
    },
    async settle(outcomes, source = harness.jobs) {
      await within('settle() should resolve', source.settle(outcomes, { signal }))
    },
    elapse,
    async outlastLeases() {
      if (options.capabilities?.leases ?? true) await elapse(leaseMs * 1.25)
    },
    async expectState(id, state) {
      if (!harness.state) return
      const actual = await within('state() of the harness', harness.state(id))
      if (actual !== undefined) assert.equal(actual, state, `Job ${id} should be ${state} in the store, and is ${actual}`)
    },
  }
}

/** Opens a store for each rule, and clears it away. */
export function createJobTests(
  options: JobSourceConformanceOptions<unknown>,
): (check: (test: JobTest) => Promise<void>) => Promise<void> {
  const { timeoutMs = 3000 } = options
  return async (check) => {
    const within = createDeadline(timeoutMs)
    const controller = new AbortController()
    const harness = await within('create() should open a store', Promise.resolve(options.create()))
    try {
      await check(createJobTest({ options, harness, within, signal: controller.signal }))
    } finally {
      controller.abort()
      await createDeadline(teardownMs)('teardown() of the harness', Promise.resolve(harness.teardown?.()))
    }
  }
}
