import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryJobs } from '../../src/builtin/memory-jobs.js'
import { SnapmintError } from '../../src/errors/snapmint-error.js'
import { claim, claimOne, done, failed, retry, settle } from './outcomes.js'

const job = { targetTime: 1_763_688_000_000 }

function createJobs(options = {}) {
  const time = { now: 1_000 }
  return { time, jobs: memoryJobs({ clock: () => time.now, ...options }) }
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (SnapmintError.isInstance(error)) return error.code
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('memoryJobs', () => {
  it('hands out jobs once, in the order in which they were added', async () => {
    const { jobs } = createJobs()
    const ids = [jobs.add(job), jobs.add({ ...job, source: 'easel' }, { id: 'mine' }), jobs.add(job)]
    const claims = [...(await claim(jobs, 2)), ...(await claim(jobs, 2))]
    expect(claims.map(({ id }) => id)).toEqual(ids)
    expect(claims[1]).toMatchObject({ id: 'mine', attempt: 1, job: { source: 'easel' }, leaseExpiresAt: 61_000 })
    expect(new Set(claims.map(({ token }) => token)).size).toBe(3)
    expect(await claim(jobs)).toEqual([])
    expect(jobs.pending).toBe(3)
  })

  it('keeps each outcome and resolves whoever waits for it', async () => {
    const { jobs } = createJobs()
    const id = jobs.add(job)
    const other = jobs.add(job)
    const outcome = jobs.outcome(id)
    const [first, second] = await claim(jobs)
    await settle(jobs, done(first!), failed(second!))
    expect(await outcome).toEqual(done(first!))
    expect(await jobs.outcome(other)).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_SINK_FAILED' } })
    expect([...jobs.results.keys()]).toEqual([id, other])
    expect(jobs.pending).toBe(0)
    expect(() => jobs.outcome('unknown')).toThrow(RangeError)
  })

  it('refuses an id that is pending or done', async () => {
    const { jobs } = createJobs()
    jobs.add(job, { id: 'a' })
    expect(await codeOf(() => jobs.add(job, { id: 'a' }))).toBe('SNAPMINT_JOB_DUPLICATE')
    await settle(jobs, done(await claimOne(jobs)))
    expect(await codeOf(() => jobs.add(job, { id: 'a' }))).toBe('SNAPMINT_JOB_DUPLICATE')
    jobs.add(job, { id: 'job-1' })
    expect(jobs.add(job)).not.toBe('job-1')
  })

  it('hands a job out again after its delay, with the next attempt', async () => {
    const { jobs, time } = createJobs()
    jobs.add(job)
    await settle(jobs, retry(await claimOne(jobs), { retryAfterMs: 500 }))
    time.now += 499
    expect(await claim(jobs)).toEqual([])
    time.now += 1
    expect(await claim(jobs)).toMatchObject([{ id: 'job-1', attempt: 2 }])
  })

  it('does not count an untried hand-out as an attempt', async () => {
    const { jobs } = createJobs({ maxAttempts: 2 })
    jobs.add(job)
    for (let round = 0; round < 5; round++) await settle(jobs, retry(await claimOne(jobs), { untried: true }))
    expect((await claimOne(jobs)).attempt).toBe(1)
  })

  it('fails a job after its last attempt, and says what the last error was', async () => {
    const { jobs } = createJobs({ maxAttempts: 2 })
    const id = jobs.add(job)
    await settle(jobs, retry(await claimOne(jobs)))
    await settle(jobs, retry(await claimOne(jobs)))
    const outcome = await jobs.outcome(id)
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED' } })
    expect(outcome.status === 'failed' && outcome.error.message).toContain('The sink did not answer')
  })

  it('hands out a job whose lease ran out, until its attempts are used up', async () => {
    const { jobs, time } = createJobs({ maxAttempts: 2 })
    const id = jobs.add(job)
    const first = await claimOne(jobs, 100)
    time.now += 100
    const second = await claimOne(jobs, 100)
    expect(second).toMatchObject({ id, attempt: 2 })
    expect(await jobs.extend?.([first.token, second.token], 100, { signal: new AbortController().signal })).toEqual([first.token])
    time.now += 100
    expect(await claim(jobs)).toEqual([])
    expect(jobs.results.get(id)).toMatchObject({ error: { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED' } })
  })

  it('ignores stale tokens and repeated outcomes', async () => {
    const { jobs, time } = createJobs()
    const id = jobs.add(job)
    const stale = await claimOne(jobs, 100)
    time.now += 100
    const valid = await claimOne(jobs, 100)
    await settle(jobs, failed(stale))
    expect(jobs.results.size).toBe(0)
    await settle(jobs, done(valid))
    await settle(jobs, done(valid), failed(valid), retry(valid))
    expect(jobs.results.get(id)).toMatchObject({ status: 'done' })
    expect([jobs.results.size, jobs.pending]).toEqual([1, 0])
  })

  it('forgets the oldest outcomes beyond maxResults', async () => {
    const { jobs } = createJobs({ maxResults: 2 })
    for (const id of ['a', 'b', 'c']) jobs.add(job, { id })
    await settle(jobs, ...(await claim(jobs)).map(done))
    expect([...jobs.results.keys()]).toEqual(['b', 'c'])
    expect(jobs.add(job, { id: 'a' })).toBe('a')
  })

  it('claims nothing for a signal that is aborted', async () => {
    const { jobs } = createJobs()
    jobs.add(job)
    const reason = new Error('stop')
    await expect(jobs.claim({ max: 1, leaseMs: 100, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await claim(jobs)).toHaveLength(1)
  })

  it('takes 100,000 jobs through claim and settle', async () => {
    const jobs = memoryJobs()
    for (let index = 0; index < 100_000; index++) jobs.add(job)
    for (;;) {
      const claims = await claim(jobs, 1_000)
      if (claims.length === 0) break
      await settle(jobs, ...claims.map(done))
    }
    expect([jobs.results.size, jobs.pending]).toEqual([100_000, 0])
  })

  it('refuses options it cannot use', () => {
    expect(() => memoryJobs({ maxAttempts: 0 })).toThrow(RangeError)
    expect(() => memoryJobs({ maxResult: 5 } as never)).toThrow('Unknown option `maxResult`')
    expect(() => memoryJobs().add(job, { id: '' })).toThrow(TypeError)
  })
})

describe('memoryJobs, watched', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('wakes at once, and once for many jobs added in a row', async () => {
    const jobs = memoryJobs()
    const stop = new AbortController()
    const onAvailable = vi.fn()
    const watching = jobs.watch?.(onAvailable, { signal: stop.signal })
    for (let index = 0; index < 1_000; index++) jobs.add(job)
    await Promise.resolve()
    expect(onAvailable).toHaveBeenCalledTimes(1)
    stop.abort()
    await watching
    jobs.add(job)
    await Promise.resolve()
    expect(onAvailable).toHaveBeenCalledTimes(1)
  })

  it('wakes when a delayed job is due, and leaves no timer behind', async () => {
    const jobs = memoryJobs({ clock: Date.now })
    const stop = new AbortController()
    jobs.add(job)
    const held = await claimOne(jobs)
    const onAvailable = vi.fn()
    const watching = jobs.watch?.(onAvailable, { signal: stop.signal })
    await settle(jobs, retry(held, { retryAfterMs: 5_000 }))
    await vi.advanceTimersByTimeAsync(4_999)
    expect(onAvailable).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(2)
    expect(onAvailable).toHaveBeenCalled()
    await settle(jobs, retry(await claimOne(jobs), { retryAfterMs: 5_000 }))
    stop.abort()
    await watching
    await jobs.close?.()
    expect(vi.getTimerCount()).toBe(0)
  })
})
