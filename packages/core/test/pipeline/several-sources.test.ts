import { describe, expect, it } from 'vitest'
import { createPipeline, memoryJobs, type Pipeline } from '../../src/index.js'
import { running, type TestJob } from '../fixtures/start-watched.js'
import { jpeg, pushSource, recordingSink, until } from '../fixtures/test-adapters.js'

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
