import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPipeline, memoryJobs, type Pipeline, SnapmintError } from '../../src/index.js'
import { running, startWatched, type TestJob } from '../fixtures/start-watched.js'
import { jpeg, pushSource, recordingSink, until } from '../fixtures/test-adapters.js'

describe('bounded', () => {
  it('keeps the memory of waiting jobs within twice the budget, and delivers them all the same', async () => {
    let open = false
    const held: number[] = []
    const size = 10_000
    const { jobs, source, sink, t0, ledger } = await startWatched({
      maxBytesInFlight: 8 * size,
      history: { durationMs: 60_000, maxBytes: 4 * 2 ** 20 },
    })
    sink.behave = async (_media, { key }) => {
      await until(() => open)
      return { uri: key }
    }
    const soon = Date.now() + 60
    jobs.add(...Array.from({ length: 60 }, (_, n) => ({ targetTime: soon + n })))
    await until(() => ledger().waiting === 60)
    await until(() => Date.now() > soon + 70)
    for (let n = 0; n < 61; n++) source.push(jpeg(soon + n, size))
    await until(() => ledger().waiting === 0)
    for (let n = 0; n < 20; n++) {
      held.push(ledger().heldBytes)
      await sleep(5)
    }
    expect(Math.max(...held)).toBeLessThanOrEqual(16 * size)
    open = true
    await until(() => jobs.outcomes.length === 60)
    expect(jobs.outcomes.every(({ status }) => status === 'done')).toBe(true)
    expect(new Set(jobs.outcomes.map((outcome) => outcome.status === 'done' && outcome.receipt.frames[0]!.offsetMs))).toEqual(
      new Set([0]),
    )
    expect(ledger()).toMatchObject({ done: 60, heldBytes: 0 })
    expect(t0).toBeLessThan(soon)
  })

  it('keeps maxInFlight of a sink that several routes share, and that goes on after its time is up', async () => {
    const source = pushSource()
    let [now, most] = [0, 0]
    const sink = {
      ...recordingSink(),
      maxInFlight: 2,
      async put() {
        most = Math.max(most, ++now)
        await sleep(30)
        now--
        return { uri: 'x' }
      },
    }
    const [a, b] = [memoryJobs<TestJob>(), memoryJobs<TestJob>()]
    const put = { timeoutMs: 20, initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 3 }
    const pipeline = createPipeline({
      sources: { camera: source },
      routes: [
        { jobs: a, sinks: [sink], put },
        { jobs: b, sinks: [sink], put },
      ],
    })
    running.push(pipeline as Pipeline)
    const t0 = Date.now() - 500
    source.push(...Array.from({ length: 10 }, (_, n) => jpeg(t0 + n)))
    await pipeline.start()
    const ids = Array.from({ length: 10 }, (_, n) => [a.add({ targetTime: t0 + n }), b.add({ targetTime: t0 + n })] as const)
    await Promise.all(ids.flatMap(([one, two]) => [a.outcome(one), b.outcome(two)]))
    expect(most).toBeLessThanOrEqual(2)
  })

  it('does not ask a job source again for each place that gets free', async () => {
    const { jobs, t0 } = await startWatched()
    Object.assign(jobs, { sweepMs: 60_000 })
    await sleep(30)
    const before = jobs.claimCalls.length
    jobs.add(...Array.from({ length: 100 }, (_, n) => ({ targetTime: t0 + (n % 10) * 10 })))
    await until(() => jobs.outcomes.length === 100)
    await sleep(50)
    expect(jobs.claimCalls.length - before).toBeLessThan(20)
  })

  it.each([2 ** 31, Number.POSITIVE_INFINITY, Number.NaN, -5, 'soon'])(
    'takes a retryAfterMs of %s for what it can be',
    async (retryAfterMs) => {
      const { jobs, sink, t0 } = await startWatched({ put: { initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 3 } })
      let failures = 0
      sink.behave = () => {
        failures++
        throw new SnapmintError('SNAPMINT_SINK_FULL', 'full', { retryable: true, retryAfterMs: retryAfterMs as number })
      }
      jobs.add({ targetTime: t0 })
      await until(() => failures > 0)
      await sleep(40)
      const patient = typeof retryAfterMs === 'number' && retryAfterMs > 1_000
      expect(failures).toBe(patient ? 1 : 3)
    },
  )

  it('drains without an end when told so', async () => {
    const { jobs, sink, pipeline, t0 } = await startWatched()
    sink.behave = async (_media, { key }) => {
      await sleep(50)
      return { uri: key }
    }
    jobs.add({ targetTime: t0 })
    await until(() => sink.puts.length === 1)
    await pipeline.stop({ drainTimeoutMs: Number.POSITIVE_INFINITY })
    expect(jobs.outcomes).toMatchObject([{ status: 'done' }])
  })
})
