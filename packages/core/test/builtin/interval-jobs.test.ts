import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { intervalJobs } from '../../src/builtin/interval-jobs.js'
import { claim, claimOne, done, retry, settle } from './outcomes.js'

const start = 1_763_688_000_123

function createTicks(options = {}) {
  const time = { now: start }
  return { time, jobs: intervalJobs({ everyMs: 1_000, clock: () => time.now, ...options }) }
}

describe('intervalJobs', () => {
  it('ticks at each multiple of the interval since it was first claimed, the first after one interval', async () => {
    const { jobs, time } = createTicks({ source: 'easel' })
    expect(await claim(jobs)).toEqual([])
    time.now = start + 999
    expect(await claim(jobs)).toEqual([])
    time.now = start + 1_000.4
    expect(await claim(jobs)).toMatchObject([
      { id: `interval-${start + 1_000}`, attempt: 1, job: { targetTime: start + 1_000, source: 'easel' } },
    ])
    expect(await claim(jobs)).toEqual([])
  })

  it('asks every source when it names none', async () => {
    const { jobs, time } = createTicks()
    await claim(jobs)
    time.now += 1_000
    expect((await claimOne(jobs)).job).toEqual({ targetTime: start + 1_000 })
  })

  it('falls on multiples since the epoch when aligned', async () => {
    const { jobs, time } = createTicks({ aligned: true })
    await claim(jobs)
    time.now += 2_000
    expect((await claim(jobs)).map(({ job }) => job.targetTime)).toEqual([1_763_688_001_000, 1_763_688_002_000])
  })

  it('does not drift with intervals that have fractions', async () => {
    const { jobs, time } = createTicks({ everyMs: 33.3, maxMissed: 100_000 })
    await claim(jobs)
    time.now += 33.3 * 10_000 + 1
    const claims = await claim(jobs, 20_000)
    expect(claims).toHaveLength(10_000)
    expect(claims.at(-1)?.job.targetTime).toBe(start + 10_000 * 33.3)
  })

  it('hands out the ticks that were missed, in batches, and drops those beyond the bound', async () => {
    const onDropped = vi.fn()
    const { jobs, time } = createTicks({ maxMissed: 5, onDropped })
    await claim(jobs)
    time.now += 8_500
    expect((await claim(jobs, 3)).map(({ job }) => job.targetTime - start)).toEqual([4_000, 5_000, 6_000])
    expect((await claim(jobs, 3)).map(({ job }) => job.targetTime - start)).toEqual([7_000, 8_000])
    expect(jobs.dropped).toBe(3)
    expect(onDropped.mock.calls).toEqual([[{ count: 3, from: start + 1_000, to: start + 3_000 }]])
  })

  it('hands out a tick again when it was handed back or when its lease ran out', async () => {
    const { jobs, time } = createTicks({ everyMs: 10_000 })
    await claim(jobs)
    time.now += 10_000
    const first = await claimOne(jobs, 100)
    await settle(jobs, retry(first, { retryAfterMs: 50 }))
    expect(await claim(jobs)).toEqual([])
    time.now += 50
    const second = await claimOne(jobs, 100)
    expect(second).toMatchObject({ id: first.id, attempt: 2, job: first.job })
    time.now += 100
    const third = await claimOne(jobs, 100)
    expect(third).toMatchObject({ id: first.id, attempt: 3 })
    await settle(jobs, done(second), done(third))
    time.now += 1_000
    expect(await claim(jobs)).toEqual([])
  })

  it('refuses options it cannot use', () => {
    for (const everyMs of [0, -5, 0.5, Number.NaN]) expect(() => intervalJobs({ everyMs })).toThrow(RangeError)
    expect(() => intervalJobs({ everyMs: '5s' } as never)).toThrow(TypeError)
    expect(() => intervalJobs({ everyMs: 5, source: '' })).toThrow(TypeError)
    expect(() => intervalJobs({ every: 5 } as never)).toThrow('Unknown option `every`')
  })
})

describe('intervalJobs, watched', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('wakes at each tick and leaves no timer behind', async () => {
    const jobs = intervalJobs({ everyMs: 1_000, clock: Date.now })
    const stop = new AbortController()
    const times: number[] = []
    const since = Date.now()
    const onAvailable = async () => {
      const claims = await claim(jobs)
      times.push(...claims.map(({ job }) => job.targetTime - since))
      await settle(jobs, ...claims.map(done))
    }
    const watching = jobs.watch?.(() => void onAvailable(), { signal: stop.signal })
    await vi.advanceTimersByTimeAsync(3_500)
    expect(times).toEqual([1_000, 2_000, 3_000])
    stop.abort()
    await watching
    expect(vi.getTimerCount()).toBe(0)
    await jobs.close?.()
  })

  it('wakes once for a tick that nobody claims, and again at the next', async () => {
    const jobs = intervalJobs({ everyMs: 1_000, clock: Date.now })
    const onAvailable = vi.fn()
    void jobs.watch?.(onAvailable, { signal: new AbortController().signal })
    await vi.advanceTimersByTimeAsync(2_500)
    expect(onAvailable).toHaveBeenCalledTimes(2)
    await jobs.close?.()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('intervalJobs by the real clock', () => {
  it('ticks', async () => {
    const jobs = intervalJobs({ everyMs: 10 })
    const stop = new AbortController()
    const before = Date.now()
    await new Promise<void>((resolve) => void jobs.watch?.(resolve, { signal: stop.signal }))
    const { job } = await claimOne(jobs)
    expect(job.targetTime).toBeGreaterThanOrEqual(before + 9)
    expect(job.targetTime).toBeLessThanOrEqual(Date.now() + 10)
    stop.abort()
  })
})
