import { channel } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPipeline, memoryJobs, type Pipeline, type ShortPipelineOptions, SnapmintError } from '../../src/index.js'
import { jpeg, pushSource, recordingSink, scriptedJobs, until } from '../fixtures/test-adapters.js'

type TestJob = { targetTime: number }
const running: Pipeline[] = []
const unhandled: unknown[] = []
const onUnhandled = (reason: unknown) => unhandled.push(reason)

beforeEach(() => {
  process.on('unhandledRejection', onUnhandled)
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((pipeline) => pipeline.stop({ drainTimeoutMs: 0 })))
  await sleep(5)
  process.off('unhandledRejection', onUnhandled)
  expect(unhandled.splice(0)).toEqual([])
})

async function start(options: Partial<ShortPipelineOptions<TestJob>> = {}, { lease = false, frames = 10, bytes = 100 } = {}) {
  const source = pushSource()
  const jobs = scriptedJobs<TestJob>({ lease })
  const sink = recordingSink()
  const pipeline = createPipeline({ source, jobs, sink, ...options } as ShortPipelineOptions<TestJob>) as Pipeline
  running.push(pipeline)
  const t0 = Date.now() - 1_000
  source.push(...Array.from({ length: frames }, (_, n) => jpeg(t0 + n * 10, bytes)))
  await pipeline.start()
  await until(() => pipeline.status().sources.camera!.history.frames === frames)
  return { source, jobs, sink, pipeline, t0, ledger: () => pipeline.status().routes.jobs! }
}

/** Errors that cannot be shown as errors usually are. SDKs throw such. */
const strange = [Object.assign(new Error(), { message: ['a', 'b'] }), Object.create(null), undefined, 7]

describe('errors that are strange', () => {
  it.each(strange)('claim, settle and watch go on after %j', async (thrown) => {
    const { jobs, t0, ledger } = await start()
    let [claims, settles] = [0, 0]
    jobs.fail.claim = () => {
      if (++claims === 1) throw thrown
    }
    jobs.fail.settle = () => {
      if (++settles === 1) throw thrown
    }
    jobs.add({ targetTime: t0 })
    await until(() => ledger().done === 1)
    expect(ledger()).toMatchObject({ claimed: 1, done: 1, inFlight: 0 })
  })

  it.each(strange)('a sink that throws %j is tried again', async (thrown) => {
    const { jobs, sink, t0 } = await start({ put: { initialDelayMs: 1 } })
    sink.behave = (_media, { key }, attempt) => {
      if (attempt === 1) throw thrown
      return { uri: key }
    }
    jobs.add({ targetTime: t0 })
    await until(() => jobs.outcomes.length === 1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done' })
  })

  it('a claim whose properties throw harms neither itself nor its batch', async () => {
    const { jobs, t0 } = await start()
    const good = { id: 'good', token: 'good', attempt: 1, job: { targetTime: t0 } }
    const badId = Object.defineProperty({}, 'id', {
      get: () => {
        throw new Error('id')
      },
    })
    const badJob = {
      id: 'bad',
      token: 'bad',
      attempt: 1,
      job: Object.defineProperty({}, 'targetTime', {
        get: () => {
          throw new Error('time')
        },
      }),
    }
    jobs.addClaims(badId, badJob, good)
    await until(() => jobs.outcomes.length === 2)
    expect(jobs.outcomes).toContainEqual(expect.objectContaining({ id: 'good', status: 'done' }))
    expect(jobs.outcomes).toContainEqual(
      expect.objectContaining({ id: 'bad', status: 'failed', error: expect.objectContaining({ code: 'SNAPMINT_JOB_INVALID' }) }),
    )
  })

  it.each([10n, new Date(0), { valueOf: () => 5 }])('a targetTime that is %s fails as an invalid job', async (targetTime) => {
    const { jobs } = await start()
    jobs.add({ targetTime: targetTime as never })
    await until(() => jobs.outcomes.length === 1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_JOB_INVALID' } })
  })

  it('an async select is refused, an async listener that rejects is reported', async () => {
    const { jobs, pipeline } = await start({ select: (async () => Promise.reject(new Error('late'))) as never })
    const failed: string[] = []
    pipeline.on('listener:failed', ({ event }) => failed.push(event))
    pipeline.on('job:settled', async () => {
      throw new Error('late')
    })
    jobs.add({ targetTime: 1 })
    await until(() => failed.length === 1)
    expect(jobs.outcomes[0]).toMatchObject({
      status: 'failed',
      error: { code: 'SNAPMINT_JOB_INVALID', message: /must not be async/ },
    })
    expect(failed).toEqual(['job:settled'])
  })
})

describe('one outcome for each claim', () => {
  it('does not hand a settled batch on again when the pipeline stops between two claims', async () => {
    const { jobs, pipeline, t0, ledger } = await start({ maxInFlight: 100 })
    pipeline.on('job:settled', () => void pipeline.stop())
    jobs.add({ targetTime: t0 })
    await until(() => pipeline.status().state === 'stopped')
    expect(jobs.outcomes.map(({ token }) => token)).toEqual(['t1'])
    expect(ledger()).toMatchObject({ claimed: 1, done: 1 })
  })

  it('ignores claims that come after the close', async () => {
    const { jobs, pipeline, sink, t0 } = await start()
    const events: string[] = []
    let release = () => {}
    jobs.fail.claim = () => new Promise<void>((resolve) => (release = resolve))
    await until(() => release.name !== '')
    const put = sink.puts.length
    jobs.add({ targetTime: t0 })
    await pipeline.stop()
    pipeline.on('jobs:claimed', () => events.push('claimed'))
    pipeline.on('job:settled', () => events.push('settled'))
    release()
    await sleep(30)
    expect(sink.puts.length).toBe(put)
    expect(jobs.outcomes).toEqual([])
    expect(events).not.toContain('settled')
  })

  it('records the others when the job source refuses one outcome for good', async () => {
    const { jobs, t0, ledger } = await start()
    const honest = jobs.settle
    jobs.settle = async (outcomes, context) => {
      if (outcomes.some(({ id }) => id === '7')) throw new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', 'cannot store 7')
      await honest(outcomes, context)
    }
    jobs.add(...Array.from({ length: 20 }, () => ({ targetTime: t0 })))
    await until(() => ledger().inFlight === 0 && ledger().claimed === 20)
    expect(ledger()).toMatchObject({ done: 19, retried: 1 })
    expect(jobs.outcomes.map(({ id }) => id)).not.toContain('7')
  })

  it.each([new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', 'no t3'), new Error('no t3')])(
    'keeps the other leases when one cannot be renewed (%s), and loses that one when it ends',
    async (error) => {
      const { jobs, sink, pipeline, t0, ledger } = await start({ leaseMs: 400 }, { lease: true })
      const lost: string[] = []
      pipeline.on('lease:lost', ({ id }) => lost.push(id))
      let open = false
      sink.behave = async (_media, { key }) => {
        await until(() => open)
        return { uri: key }
      }
      jobs.extend = async (tokens) => {
        if (tokens.includes('t3')) throw error
        return []
      }
      jobs.add(...Array.from({ length: 5 }, () => ({ targetTime: t0 })))
      await until(() => lost.length > 0)
      await sleep(300)
      expect(lost).toEqual(['3'])
      open = true
      await until(() => ledger().done === 4)
      expect(jobs.outcomes.map(({ id }) => id).sort()).toEqual(['1', '2', '4', '5'])
    },
  )

  it('does not work a claim whose lease is over, and takes expiry from the clock that gave it', async () => {
    const { jobs, pipeline, t0, ledger } = await start()
    const refused: string[] = []
    pipeline.on('jobs:unavailable', ({ error }) => refused.push(error.code))
    jobs.addClaims({ id: 'old', token: 'old', attempt: 1, leaseExpiresAt: Date.now() - 60_000, job: { targetTime: t0 } })
    await until(() => refused.length === 1)
    expect(refused).toEqual(['SNAPMINT_LEASE_LOST'])
    expect(ledger().claimed).toBe(0)
  })
})

describe('bounded', () => {
  it('keeps the memory of waiting jobs within twice the budget, and delivers them all the same', async () => {
    let open = false
    const held: number[] = []
    const size = 10_000
    const { jobs, source, sink, t0, ledger } = await start({
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
    const { jobs, t0 } = await start()
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
      const { jobs, sink, t0 } = await start({ put: { initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 3 } })
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
    const { jobs, sink, pipeline, t0 } = await start()
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

describe('several sources', () => {
  it('delivers what there is when one source has nothing, and names the one that is missing', async () => {
    const [good, dead] = [pushSource(), pushSource()]
    const jobs = memoryJobs<TestJob>()
    const pipeline = createPipeline({ sources: { good, dead }, routes: [{ jobs, sinks: [recordingSink()], waitMs: 200 }] })
    running.push(pipeline as Pipeline)
    const t0 = Date.now() - 100
    good.push(jpeg(t0))
    dead.push(jpeg(t0 - 5_000))
    await pipeline.start()
    dead.end()
    const outcome = await jobs.outcome(jobs.add({ targetTime: t0 }))
    expect(outcome).toMatchObject({
      status: 'done',
      receipt: {
        frames: [{ source: 'good', offsetMs: 0 }],
        missing: [{ source: 'dead', error: { code: 'SNAPMINT_FRAME_NOT_YET' } }],
      },
    })
    const both = await jobs.outcome(jobs.add({ targetTime: t0 - 5_000 }))
    expect(both).toMatchObject({ status: 'done', receipt: { frames: [{ source: 'good' }, { source: 'dead' }] } })
    expect((both as { receipt: object }).receipt).not.toHaveProperty('missing')
  })

  it('refuses routes that would take each other for themselves', () => {
    const [jobs, sink] = [memoryJobs(), recordingSink()]
    const render = () => ({ data: Uint8Array.of(1), mimeType: 'image/png' as const })
    const sources = { a: pushSource() }
    expect(() =>
      createPipeline({
        sources,
        routes: [
          { jobs, sinks: [sink] },
          { jobs, sinks: [sink] },
        ],
      }),
    ).toThrow('have the same `jobs`')
    expect(() =>
      createPipeline({
        sources,
        routes: [
          { jobs, sinks: [sink] },
          { jobs: memoryJobs(), sinks: [sink], render },
        ],
      }),
    ).toThrow('give it a sink of its own')
  })

  it('counts a job that waits for several sources once', async () => {
    const [a, b] = [pushSource(), pushSource()]
    const jobs = memoryJobs<TestJob>()
    const pipeline = createPipeline({ sources: { a, b }, routes: [{ name: 'r', jobs, sinks: [recordingSink()] }] })
    running.push(pipeline as Pipeline)
    for (const source of [a, b]) source.push(jpeg(Date.now() - 100))
    await pipeline.start()
    for (let n = 0; n < 5; n++) jobs.add({ targetTime: pipeline.now() + 30_000 })
    await until(() => pipeline.status().routes.r!.inFlight === 5)
    expect(pipeline.status().routes.r).toMatchObject({ inFlight: 5, waiting: 5 })
  })
})

describe('listeners and snapshots', () => {
  it('a listener may stop the pipeline at any change of state', async () => {
    for (const at of ['starting', 'running', 'stopping'] as const) {
      const source = pushSource()
      source.push(jpeg(Date.now() - 10))
      const pipeline = createPipeline({ sources: { a: source } })
      const states: string[] = []
      pipeline.on('pipeline:changed', ({ state }) => {
        states.push(state)
        if (state === at) void pipeline.stop()
      })
      await pipeline.start().catch((error: SnapmintError) => expect(error.code).toBe('SNAPMINT_PIPELINE_STOPPED'))
      await pipeline.stop()
      expect(states.at(-1)).toBe('stopped')
      expect(new Set(states).size).toBe(states.length)
    }
  })

  it('reports every frame captured, the first as well', async () => {
    const source = pushSource()
    const pipeline = createPipeline({ sources: { a: source } })
    running.push(pipeline as Pipeline)
    const captured: number[] = []
    pipeline.on('frame:captured', ({ captureTime }) => captured.push(captureTime))
    const t0 = Date.now() - 100
    const times = [0, 1, 2, 3, 4].map((n) => t0 + n)
    source.push(...times.map((time) => jpeg(time)))
    source.end()
    await pipeline.start()
    await until(() => pipeline.status().sources.a.state === 'ended')
    await pipeline.stop()
    expect(captured).toEqual(times)
  })

  it('reports the frames captured since somebody listens, and none from before', async () => {
    const source = pushSource()
    const pipeline = createPipeline({ sources: { a: source } })
    running.push(pipeline as Pipeline)
    const t0 = Date.now() - 100
    source.push(jpeg(t0), jpeg(t0 + 1))
    await pipeline.start()
    await until(() => pipeline.status().sources.a.accepted === 2)
    for (const round of [10, 20]) {
      const captured: number[] = []
      const off = pipeline.on('frame:captured', ({ captureTime }) => captured.push(captureTime))
      source.push(jpeg(t0 + round), jpeg(t0 + round + 1))
      await until(() => captured.length >= 2)
      expect(captured).toEqual([t0 + round, t0 + round + 1])
      off()
      source.push(jpeg(t0 + round + 2))
      await until(() => pipeline.history('a').reader.newest()?.captureTime === t0 + round + 2)
    }
  })

  it('reports frames to a tool that subscribes on diagnostics_channel while it runs', async () => {
    const source = pushSource()
    const pipeline = createPipeline({ sources: { a: source } })
    running.push(pipeline as Pipeline)
    const t0 = Date.now() - 1000
    source.push(jpeg(t0))
    await pipeline.start()
    const captured: number[] = []
    const listen = (event: unknown) => captured.push((event as { captureTime: number }).captureTime)
    channel('snapmint:frame:captured').subscribe(listen)
    for (let n = 1; captured.length === 0; n++) {
      source.push(jpeg(t0 + n))
      await sleep(10)
    }
    channel('snapmint:frame:captured').unsubscribe(listen)
    expect(captured[0]).toBeGreaterThan(t0)
  })

  it('checks the options of snapshot, and ends a pending one when the pipeline stops', async () => {
    const { pipeline } = await start()
    const snapshot = (options: object) => pipeline.snapshot('camera', options)
    await expect(snapshot({ targetTime: 5 })).rejects.toThrow('Unknown option `targetTime` for snapshot')
    await expect(snapshot({ toleranceMs: '1s' })).rejects.toThrow('Expected `toleranceMs`')
    await expect(snapshot({ match: 'nearest' })).rejects.toThrow('Expected `match` to be one of')
    await expect(snapshot({ waitMs: Number.NaN })).rejects.toThrow('Expected `waitMs`')
    expect(() => pipeline.on('frame:catured' as never, () => {})).toThrow('Expected `event` to be one of')
    const pending = snapshot({ at: pipeline.now() + 20_000 }).catch((error: SnapmintError) => error.code)
    await pipeline.stop()
    expect(await pending).toBe('SNAPMINT_PIPELINE_STOPPED')
  })

  it('shows every source before the start', () => {
    const pipeline = createPipeline({ sources: { easel: pushSource() } })
    expect(pipeline.status().sources.easel).toMatchObject({ state: 'idle', history: { frames: 0 } })
  })
})
