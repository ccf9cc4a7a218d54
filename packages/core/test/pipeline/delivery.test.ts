import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createPipeline, type Pipeline } from '../../src/index.js'
import { running, startPipeline } from '../fixtures/start-pipeline.js'
import { jpeg, pushSource, recordingSink, scriptedJobs, until } from '../fixtures/test-adapters.js'

describe('delivery', () => {
  it('delivers the closest frame with a receipt that says how close it is', async () => {
    const { jobs, sink, start: t0, settled } = await startPipeline()
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
    const { jobs, start: t0, settled } = await startPipeline()
    jobs.add({ targetTime: t0 - 5_000 })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done', receipt: { frames: [{ captureTime: t0, offsetMs: 5_000 }] } })
  })

  it('fails a job outside the tolerance, with the reason', async () => {
    const { jobs, start: t0, settled } = await startPipeline({ toleranceMs: 20 })
    jobs.add({ targetTime: t0 - 5_000 }, { targetTime: t0 + 450 })
    await settled(2)
    expect(jobs.outcomes.map((outcome) => outcome.status === 'failed' && outcome.error.code).sort()).toEqual([
      'SNAPMINT_FRAME_EVICTED',
      'SNAPMINT_FRAME_OUT_OF_TOLERANCE',
    ])
  })

  it('puts a frame once, however many jobs ask for it, in one batch and in later ones', async () => {
    const { jobs, sink, start: t0, settled, ledger } = await startPipeline({ claimMax: 50 })
    jobs.add(...Array.from({ length: 300 }, (_, n) => ({ targetTime: t0 + (n % 3) * 100 + 5 })))
    await settled(300)
    jobs.add({ targetTime: t0 + 1 })
    await settled(301)
    expect(sink.puts).toHaveLength(3)
    expect(ledger()).toMatchObject({ claimed: 301, done: 301, failed: 0, retried: 0, inFlight: 0, heldBytes: 0 })
    expect(new Set(jobs.outcomes.map((outcome) => outcome.id)).size).toBe(301)
  })

  it('waits for a moment that is not captured yet, then takes the closest of both sides', async () => {
    const { jobs, source, start: t0, settled, ledger } = await startPipeline()
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
    const { jobs, pipeline, settled } = await startPipeline({ waitMs: 1_000 })
    jobs.add({ targetTime: pipeline.now() + 60_000 })
    await settled(1)
    const outcome = jobs.outcomes[0]!
    expect(outcome).toMatchObject({ status: 'retry', untried: true, error: { code: 'SNAPMINT_JOB_NOT_DUE' } })
    expect((outcome as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(55_000)
    expect((outcome as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(59_500)
  })

  it('hands a job back as tried when no frame comes in time, and fails it when none can come any more', async () => {
    const { jobs, pipeline, source, settled } = await startPipeline({ waitMs: 30 })
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
    } = await startPipeline({ history: { durationMs: 2_000, maxBytes: 128 * 1024 } }, slow)
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
    const { jobs, start: t0, settled, ledger } = await startPipeline({ maxBytesInFlight: 350, claimMax: 10 }, stuck)
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
    const { pipeline, source, start: t0 } = await startPipeline()
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
