import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { createPipeline, type Pipeline, type ShortPipelineOptions, SnapmintError } from '../../src/index.js'
import { jpeg, pushSource, recordingSink, scriptedJobs, until } from '../fixtures/test-adapters.js'

type Tuning = Partial<Omit<ShortPipelineOptions<{ targetTime: number }>, 'source' | 'jobs' | 'sink'>>

const running: Pipeline[] = []

/** A pipeline of one source with a frame every 100 ms in the last second, on the real clock. */
async function start(tuning: Tuning = {}, sink = recordingSink()) {
  const source = pushSource()
  const jobs = scriptedJobs<{ targetTime: number }>()
  const pipeline = createPipeline({
    source,
    jobs,
    sink,
    put: { initialDelayMs: 1, maxDelayMs: 2 },
    ...tuning,
  } as never) as Pipeline
  running.push(pipeline)
  const start = Date.now() - 1_000
  source.push(...Array.from({ length: 10 }, (_, n) => jpeg(start + n * 100)))
  await pipeline.start()
  await until(() => pipeline.status().sources.camera!.history.frames === 10)
  const ledger = () => pipeline.status().routes.jobs!
  const settled = (count: number) => until(() => jobs.outcomes.length >= count, `${count} outcomes`)
  return { source, jobs, sink, pipeline, start, ledger, settled }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((pipeline) => pipeline.stop({ drainTimeoutMs: 0 })))
})

describe('delivery', () => {
  it('delivers the closest frame with a receipt that says how close it is', async () => {
    const { jobs, sink, start: t0, settled } = await start()
    jobs.add({ targetTime: t0 + 310 })
    await settled(1)
    const { media, context } = sink.puts[0]!
    expect(media).toMatchObject({ kind: 'snapshot', source: 'camera', captureTime: t0 + 300, mimeType: 'image/jpeg' })
    expect(context).toMatchObject({ key: `camera/${t0 + 300}.jpg`, jobIds: ['1'] })
    const sha256 = createHash('sha256').update(media.data).digest('hex')
    expect(jobs.outcomes).toEqual([
      {
        status: 'done',
        id: '1',
        token: 't1',
        receipt: {
          frames: [
            {
              source: 'camera',
              targetTime: t0 + 310,
              captureTime: t0 + 300,
              offsetMs: -10,
              uris: [`test:camera/${t0 + 300}.jpg`],
              mimeType: 'image/jpeg',
              bytes: 100,
              sha256,
            },
          ],
        },
      },
    ])
  })

  it('answers a job older than the history with the oldest frame, and says by how much', async () => {
    const { jobs, start: t0, settled } = await start()
    jobs.add({ targetTime: t0 - 5_000 })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done', receipt: { frames: [{ captureTime: t0, offsetMs: 5_000 }] } })
  })

  it('fails a job outside the tolerance, with the reason', async () => {
    const { jobs, start: t0, settled } = await start({ toleranceMs: 20 })
    jobs.add({ targetTime: t0 - 5_000 }, { targetTime: t0 + 450 })
    await settled(2)
    expect(jobs.outcomes.map((outcome) => outcome.status === 'failed' && outcome.error.code).sort()).toEqual([
      'SNAPMINT_FRAME_EVICTED',
      'SNAPMINT_FRAME_OUT_OF_TOLERANCE',
    ])
  })

  it('puts a frame once, however many jobs ask for it, in one batch and in later ones', async () => {
    const { jobs, sink, start: t0, settled, ledger } = await start({ claimMax: 50 })
    jobs.add(...Array.from({ length: 300 }, (_, n) => ({ targetTime: t0 + (n % 3) * 100 + 5 })))
    await settled(300)
    jobs.add({ targetTime: t0 + 1 })
    await settled(301)
    expect(sink.puts).toHaveLength(3)
    expect(ledger()).toMatchObject({ claimed: 301, done: 301, failed: 0, retried: 0, inFlight: 0, heldBytes: 0 })
    expect(new Set(jobs.outcomes.map((outcome) => outcome.id)).size).toBe(301)
  })

  it('waits for a moment that is not captured yet, then takes the closest of both sides', async () => {
    const { jobs, source, start: t0, settled, ledger } = await start()
    const target = t0 + 1_500
    jobs.add({ targetTime: target })
    await until(() => ledger().waiting === 1)
    source.push(jpeg(target - 10))
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(jobs.outcomes).toHaveLength(0)
    source.push(jpeg(target + 40))
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done', receipt: { frames: [{ offsetMs: -10 }] } })
  })

  it('hands a job far ahead back until shortly before its moment, unworked', async () => {
    const { jobs, pipeline, settled } = await start({ waitMs: 1_000 })
    jobs.add({ targetTime: pipeline.now() + 60_000 })
    await settled(1)
    const outcome = jobs.outcomes[0]!
    expect(outcome).toMatchObject({ status: 'retry', untried: true, error: { code: 'SNAPMINT_JOB_NOT_DUE' } })
    expect((outcome as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(55_000)
    expect((outcome as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(59_500)
  })

  it('hands a job back as tried when no frame comes in time, and fails it when none can come any more', async () => {
    const { jobs, pipeline, source, settled } = await start({ waitMs: 30 })
    jobs.add({ targetTime: pipeline.now() })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'retry', untried: false, error: { code: 'SNAPMINT_FRAME_NOT_YET' } })
    source.end()
    await until(() => pipeline.status().sources.camera!.state === 'ended')
    jobs.add({ targetTime: pipeline.now() })
    await settled(2)
    expect(jobs.outcomes[1]).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_FRAME_NOT_YET' } })
  })

  it('keeps the picture of an accepted job although the history rolls on and the sink is slow', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = recordingSink(async (_media, { key }) => {
      await gate
      return { uri: `test:${key}` }
    })
    const {
      jobs,
      source,
      pipeline,
      sink,
      start: t0,
      settled,
    } = await start({ history: { durationMs: 2_000, maxBytes: 128 * 1024 } }, slow)
    const before = createHash('sha256')
      .update(jpeg(t0 + 200).data)
      .digest('hex')
    jobs.add({ targetTime: t0 + 200 })
    await until(() => sink.puts.length === 1)
    for (let n = 0; n < 40; n++) source.push(jpeg(t0 + 1_000 + n * 10, 30_000))
    await until(() => pipeline.status().sources.camera!.history.pushed === 50)
    expect(pipeline.status().sources.camera!.history.oldestCaptureTime).toBeGreaterThan(t0 + 900)
    release()
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done', receipt: { frames: [{ sha256: before, captureTime: t0 + 200 }] } })
    expect(createHash('sha256').update(sink.puts[0]!.media.data).digest('hex')).toBe(before)
  })

  it('claims no more than it can serve while pictures are in flight', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const stuck = recordingSink(async (_media, { key }) => {
      await gate
      return { uri: key }
    })
    const { jobs, start: t0, settled, ledger } = await start({ maxBytesInFlight: 350, claimMax: 10 }, stuck)
    jobs.add(...Array.from({ length: 10 }, (_, n) => ({ targetTime: t0 + n * 100 })))
    await until(() => ledger().claimed === 3)
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(ledger()).toMatchObject({ claimed: 3, heldBytes: 300, inFlight: 3 })
    release()
    await settled(10)
    expect(ledger()).toMatchObject({ claimed: 10, done: 10, heldBytes: 0 })
  })

  it('gives every source of the pipeline to a job that names none', async () => {
    const [left, right] = [pushSource(), pushSource()]
    const jobs = scriptedJobs<{ targetTime: number }>()
    const sink = recordingSink()
    const pipeline = createPipeline({ sources: { left, right }, routes: [{ jobs, sinks: [sink] }] })
    running.push(pipeline as Pipeline)
    const now = Date.now() - 50
    left.push(jpeg(now))
    right.push(jpeg(now + 3))
    await pipeline.start()
    jobs.add({ targetTime: now })
    await until(() => jobs.outcomes.length === 1)
    expect(jobs.outcomes[0]).toMatchObject({
      status: 'done',
      receipt: {
        frames: [
          { source: 'left', offsetMs: 0 },
          { source: 'right', offsetMs: 3 },
        ],
      },
    })
  })

  it('renders once and stores in every sink of the route, with the hash of what was stored', async () => {
    const source = pushSource()
    const jobs = scriptedJobs<{ targetTime: number }>()
    const sinks = [recordingSink(), recordingSink((_media, { key }) => ({ uri: `other:${key}` }))]
    let renders = 0
    const render = () => {
      renders++
      return { data: Uint8Array.of(1, 2, 3), mimeType: 'image/png' as const }
    }
    const pipeline = createPipeline({ sources: { easel: source }, routes: [{ jobs, sinks, render }] })
    running.push(pipeline as Pipeline)
    const now = Date.now() - 50
    source.push(jpeg(now))
    await pipeline.start()
    jobs.add({ targetTime: now }, { targetTime: now - 1 })
    await until(() => jobs.outcomes.length === 2)
    expect(renders).toBe(1)
    expect(jobs.outcomes[0]).toMatchObject({
      status: 'done',
      receipt: {
        frames: [
          {
            uris: [`test:easel/${now}.png`, `other:easel/${now}.png`],
            sha256: createHash('sha256')
              .update(Uint8Array.of(1, 2, 3))
              .digest('hex'),
            bytes: 3,
          },
        ],
      },
    })
  })

  it('decodes a run of video when somebody asks, and says so when it cannot', async () => {
    const now = Date.now() - 500
    const chunk = (time: number, type: 'key' | 'delta') => ({
      captureTime: now + time,
      codec: 'avc1.42001f',
      type,
      data: Uint8Array.of(time),
    })
    const outcome = async (decoder: Parameters<typeof Object.assign>[0]) => {
      const source = Object.assign(pushSource(), decoder)
      const jobs = scriptedJobs<{ targetTime: number }>()
      const pipeline = createPipeline({ source, jobs, sink: recordingSink() })
      running.push(pipeline as Pipeline)
      source.push(chunk(1, 'key'), chunk(2, 'delta'), chunk(3, 'delta'), chunk(4, 'key'))
      await pipeline.start()
      await until(() => pipeline.status().sources.camera.history.frames === 4)
      jobs.add({ targetTime: now + 3 })
      await until(() => jobs.outcomes.length === 1)
      return jobs.outcomes[0]
    }
    const decode = async (run: readonly { data: Uint8Array }[]) => ({
      mimeType: 'image/jpeg',
      captureTime: 0,
      data: Uint8Array.from(run.map((item) => item.data[0]!)),
    })
    expect(await outcome({ decoder: { decode } })).toMatchObject({
      status: 'done',
      receipt: { frames: [{ bytes: 3, captureTime: now + 3 }] },
    })
    expect(await outcome({})).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_DECODER_MISSING' } })
    const broken = { decode: async () => Promise.reject(new Error('no such codec')) }
    expect(await outcome({ decoder: broken })).toMatchObject({
      status: 'failed',
      error: { code: 'SNAPMINT_DECODE_FAILED', message: /no such codec/ },
    })
  })

  it('tells the time of the picture really shown when the decoder had to take an earlier chunk, and keeps the tolerance', async () => {
    const now = Date.now()
    const chunks = [1, 2, 3].map((time) => ({
      captureTime: now + time * 100 - 1000,
      codec: 'avc1.42001f',
      type: time === 1 ? ('key' as const) : ('delta' as const),
      data: Uint8Array.of(time),
    }))
    const [, second, third] = chunks.map(({ captureTime }) => captureTime) as [number, number, number]
    const decoder = {
      decode: async (run: readonly { captureTime: number; data: Uint8Array }[]) => ({
        mimeType: 'image/jpeg' as const,
        captureTime: run[1]!.captureTime,
        data: Uint8Array.of(run[1]!.data[0]!),
      }),
    }
    const source = Object.assign(pushSource(), { decoder })
    const jobs = scriptedJobs<{ targetTime: number; match?: 'after'; toleranceMs?: number }>()
    const routes = [
      { jobs, sinks: [recordingSink()], select: (job: { targetTime: number }) => ({ ...job, source: 'camera' as const }) },
    ]
    const pipeline = createPipeline({ sources: { camera: source }, routes })
    running.push(pipeline as unknown as Pipeline)
    source.push(...chunks)
    await pipeline.start()
    await until(() => pipeline.status().sources.camera.history.frames === 3)
    jobs.add({ targetTime: third - 10 }, { targetTime: third - 10, toleranceMs: 50 }, { targetTime: third - 10, match: 'after' })
    await until(() => jobs.outcomes.length === 3)
    const frames = jobs.outcomes.map((outcome) => (outcome.status === 'done' ? outcome.receipt.frames[0] : outcome.error?.code))
    expect(frames).toEqual([
      expect.objectContaining({ captureTime: second, offsetMs: -90, uris: [expect.stringContaining(`camera/${second}.jpg`)] }),
      'SNAPMINT_FRAME_OUT_OF_TOLERANCE',
      'SNAPMINT_FRAME_OUT_OF_TOLERANCE',
    ])
    expect(await pipeline.snapshot('camera', { at: third })).toMatchObject({ captureTime: second, offsetMs: -100 })
    await expect(pipeline.snapshot('camera', { at: third, toleranceMs: 50 })).rejects.toMatchObject({
      code: 'SNAPMINT_FRAME_OUT_OF_TOLERANCE',
      nearestCaptureTime: second,
    })
  })

  it('answers a snapshot asked for directly: newest, past, coming, and none', async () => {
    const { pipeline, source, start: t0 } = await start()
    expect(await pipeline.snapshot('camera')).toMatchObject({ captureTime: t0 + 900, offsetMs: 0 })
    expect(await pipeline.snapshot('camera', { at: t0 + 220 })).toMatchObject({
      captureTime: t0 + 200,
      targetTime: t0 + 220,
      offsetMs: -20,
    })
    const coming = pipeline.snapshot('camera', { at: t0 + 1_000 })
    source.push(jpeg(t0 + 1_001))
    expect(await coming).toMatchObject({ offsetMs: 1 })
    await expect(pipeline.snapshot('camera', { at: t0 - 10, match: 'before' })).rejects.toMatchObject({
      code: 'SNAPMINT_FRAME_EVICTED',
    })
    await expect(pipeline.snapshot('camera', { at: Number.NaN })).rejects.toThrow(RangeError)
    await expect(pipeline.snapshot('sofa' as never)).rejects.toThrow('Expected `source` to be one of "camera", got `sofa`')
    const abort = new AbortController()
    const aborted = pipeline.snapshot('camera', { at: pipeline.now() + 5_000, signal: abort.signal })
    abort.abort(new Error('never mind'))
    await expect(aborted).rejects.toThrow('never mind')
    await expect(pipeline.snapshot('camera', { at: pipeline.now() + 3_600_000 })).rejects.toMatchObject({
      code: 'SNAPMINT_JOB_NOT_DUE',
    })
  })
})

describe('bad jobs', () => {
  const bad: [string, unknown, RegExp][] = [
    ['no time', {}, /`targetTime` is missing/],
    ['NaN', { targetTime: Number.NaN }, /`targetTime` is NaN/],
    ['a negative time', { targetTime: -5 }, /`targetTime` is -5/],
    ['a time as text', { targetTime: '2026-11-21T01:30:00Z' }, /must be a number.*here 1795224600000/],
    ['infinity', { targetTime: Number.POSITIVE_INFINITY }, /`targetTime` is Infinity/],
    ['a time in microseconds', { targetTime: Date.now() * 1000 }, /more than a year ahead; is it in microseconds/],
    ['an unknown source', { targetTime: 1, source: 'sofa' }, /`source` is "sofa" \(string\), but this pipeline has "camera"/],
    ['a source that is a number', { targetTime: 1, source: 7 }, /`source` is 7/],
    ['null', null, /The job is null/],
    ['text', 'now', /The job is string/],
  ]
  it.each(bad)('fails a job with %s, and says what to write', async (_name, job, message) => {
    const { jobs, settled, ledger } = await start()
    jobs.add(job as never)
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_JOB_INVALID', message } })
    expect(ledger()).toMatchObject({ claimed: 1, failed: 1, inFlight: 0 })
  })

  it('settles two claims of one id each, and the same hand-out once', async () => {
    const { jobs, sink, start: t0, settled, ledger } = await start()
    const claim = { id: 'a', token: 'first', attempt: 1, job: { targetTime: t0 } }
    jobs.addClaims(claim, claim, { ...claim, token: 'second' })
    await settled(2)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(jobs.outcomes.map((outcome) => outcome.token).sort()).toEqual(['first', 'second'])
    expect(sink.puts).toHaveLength(1)
    expect(ledger()).toMatchObject({ claimed: 2, done: 2 })
  })

  it('reports claims that cannot be settled and works the others', async () => {
    const { jobs, pipeline, start: t0, settled } = await start()
    const reported: string[] = []
    pipeline.on('jobs:unavailable', ({ error }) => reported.push(error.code))
    jobs.addClaims(null, 7, { id: 'x' }, { id: 'a', token: 'a', attempt: 1, job: { targetTime: t0 } })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done', id: 'a' })
    expect(reported).toEqual(Array(3).fill('SNAPMINT_JOBS_UNAVAILABLE'))
  })

  it('fails a job on which select throws', async () => {
    const select = () => {
      throw new Error('no such token')
    }
    const { jobs, settled } = await start({ select } as never)
    jobs.add({ targetTime: 1 })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({
      status: 'failed',
      error: { code: 'SNAPMINT_JOB_INVALID', message: /select threw.*no such token/ },
    })
  })
})

describe('bad sinks', () => {
  it('tries again after passing errors, and with another code after the last try', async () => {
    const flaky = recordingSink((_media, { key }, attempt) => {
      if (attempt <= 2) throw new Error(`busy ${attempt}`)
      return { uri: key }
    })
    const {
      jobs,
      pipeline,
      start: t0,
      settled,
    } = await start({ put: { maxAttempts: 8, initialDelayMs: 1, maxDelayMs: 2 } }, flaky)
    const retries: string[] = []
    pipeline.on('put:retrying', ({ error }) => retries.push(error.message))
    jobs.add({ targetTime: t0 })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done' })
    expect(retries).toHaveLength(2)
    flaky.behave = () => {
      throw new SnapmintError('SNAPMINT_SINK_FULL', 'The disk is full', { retryable: true })
    }
    jobs.add({ targetTime: t0 + 100 }, { targetTime: t0 + 101 })
    await settled(3)
    expect(jobs.outcomes.slice(1)).toMatchObject([
      { status: 'failed', error: { code: 'SNAPMINT_SINK_FULL' } },
      { status: 'failed', error: { code: 'SNAPMINT_SINK_FULL' } },
    ])
    expect(flaky.puts).toHaveLength(3 + 8)
  })

  it('does not try again after a final error', async () => {
    const forbidden = recordingSink(() => {
      throw new SnapmintError('SNAPMINT_SINK_FORBIDDEN', 'No permission')
    })
    const { jobs, sink, start: t0, settled } = await start({}, forbidden)
    jobs.add({ targetTime: t0 })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_SINK_FORBIDDEN' } })
    expect(sink.puts).toHaveLength(1)
  })

  it('gives up a put that hangs, and ignores what it does after that', async () => {
    const late: (() => void)[] = []
    const hanging = recordingSink((_media, { key }, attempt) =>
      attempt === 1 ? new Promise((resolve) => late.push(() => resolve({ uri: 'too late' }))) : { uri: key },
    )
    const { jobs, sink, start: t0, settled } = await start({ put: { timeoutMs: 20, initialDelayMs: 1 } }, hanging)
    jobs.add({ targetTime: t0 })
    await until(() => sink.puts.length === 2)
    late[0]!()
    await settled(1)
    expect(jobs.outcomes).toHaveLength(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done', receipt: { frames: [{ uris: [`camera/${t0}.jpg`] }] } })
    expect(sink.puts[0]!.context.signal.aborted).toBe(true)
  })

  it.each([undefined, null, 'text', {}, { uri: '' }, { uri: 7 }])('fails a put that answers %j', async (answer) => {
    const {
      jobs,
      start: t0,
      settled,
    } = await start(
      {},
      recordingSink(() => answer),
    )
    jobs.add({ targetTime: t0 })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_SINK_INVALID_RESULT' } })
  })

  it('keeps credentials in an error message of the sink out of the outcome', async () => {
    const leaky = recordingSink(() => {
      throw Object.assign(new Error('PUT https://user:hunter2@store.example/x failed'))
    })
    const { jobs, start: t0, settled } = await start({ put: { maxAttempts: 1 } }, leaky)
    jobs.add({ targetTime: t0 })
    await settled(1)
    expect(JSON.stringify(jobs.outcomes)).not.toContain('hunter2')
  })
})
