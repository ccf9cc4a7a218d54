import { describe, expect, it } from 'vitest'
import { startWatched } from '../fixtures/start-watched.js'
import { until } from '../fixtures/test-adapters.js'

/** Errors that cannot be shown as errors usually are. SDKs throw such. */
const strange = [Object.assign(new Error(), { message: ['a', 'b'] }), Object.create(null), undefined, 7]

describe('errors that are strange', () => {
  it.each(strange)('claim, settle and watch go on after %j', async (thrown) => {
    const { jobs, t0, ledger } = await startWatched()
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
    const { jobs, sink, t0 } = await startWatched({ put: { initialDelayMs: 1 } })
    sink.behave = (_media, { key }, attempt) => {
      if (attempt === 1) throw thrown
      return { uri: key }
    }
    jobs.add({ targetTime: t0 })
    await until(() => jobs.outcomes.length === 1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'done' })
  })

  it('a claim whose properties throw harms neither itself nor its batch', async () => {
    const { jobs, t0 } = await startWatched()
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
    const { jobs } = await startWatched()
    jobs.add({ targetTime: targetTime as never })
    await until(() => jobs.outcomes.length === 1)
    expect(jobs.outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'SNAPMINT_JOB_INVALID' } })
  })

  it('an async select is refused, an async listener that rejects is reported', async () => {
    const { jobs, pipeline } = await startWatched({ select: (async () => Promise.reject(new Error('late'))) as never })
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
