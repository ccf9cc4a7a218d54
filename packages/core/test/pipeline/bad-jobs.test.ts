import { describe, expect, it } from 'vitest'
import { startPipeline } from '../fixtures/start-pipeline.js'

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
    const { jobs, settled, ledger } = await startPipeline()
    jobs.add(job as never)
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_JOB_INVALID', message } })
    expect(ledger()).toMatchObject({ claimed: 1, failed: 1, inFlight: 0 })
  })

  it('settles two claims of one id each, and the same hand-out once', async () => {
    const { jobs, sink, start: t0, settled, ledger } = await startPipeline()
    const claim = { id: 'a', token: 'first', attempt: 1, job: { targetTime: t0 } }
    jobs.addClaims(claim, claim, { ...claim, token: 'second' })
    await settled(2)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(jobs.outcomes.map((outcome) => outcome.token).sort()).toEqual(['first', 'second'])
    expect(sink.puts).toHaveLength(1)
    expect(ledger()).toMatchObject({ claimed: 2, done: 2 })
  })

  it('reports claims that cannot be settled and works the others', async () => {
    const { jobs, pipeline, start: t0, settled } = await startPipeline()
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
    const { jobs, settled } = await startPipeline({ select } as never)
    jobs.add({ targetTime: 1 })
    await settled(1)
    expect(jobs.outcomes[0]).toMatchObject({
      status: 'failed',
      error: { code: 'SNAPMINT_JOB_INVALID', message: /select threw.*no such token/ },
    })
  })
})
