import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SnapmintError } from '../../src/index.js'
import { startWatched } from '../fixtures/start-watched.js'
import { until } from '../fixtures/test-adapters.js'

describe('one outcome for each claim', () => {
  it('does not hand a settled batch on again when the pipeline stops between two claims', async () => {
    const { jobs, pipeline, t0, ledger } = await startWatched({ maxInFlight: 100 })
    pipeline.on('job:settled', () => void pipeline.stop())
    jobs.add({ targetTime: t0 })
    await until(() => pipeline.status().state === 'stopped')
    expect(jobs.outcomes.map(({ token }) => token)).toEqual(['t1'])
    expect(ledger()).toMatchObject({ claimed: 1, done: 1 })
  })

  it('ignores claims that come after the close', async () => {
    const { jobs, pipeline, sink, t0 } = await startWatched()
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
    const { jobs, t0, ledger } = await startWatched()
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
      const { jobs, sink, pipeline, t0, ledger } = await startWatched({ leaseMs: 400 }, { lease: true })
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

  it('does not repeat an outcome whose lease ended on its way: ignored as stale, it would count as recorded', async () => {
    const { jobs, pipeline, t0, ledger } = await startWatched({ leaseMs: 200 }, { lease: true })
    const events: string[] = []
    pipeline.on('lease:lost', ({ id }) => events.push(`lost ${id}`))
    pipeline.on('job:settled', ({ id }) => events.push(`settled ${id}`))
    jobs.fail.extend = () => {
      throw new Error('no answer')
    }
    const asked: string[][] = []
    let leaseMayEnd = () => {}
    jobs.settle = async (outcomes) => {
      asked.push(outcomes.map(({ id }) => id))
      if (asked.length > 1) return
      await new Promise<void>((resolve) => {
        leaseMayEnd = resolve
      })
      throw new Error('no answer')
    }
    jobs.add({ targetTime: t0 })
    await until(() => asked.length === 1)
    await sleep(250)
    leaseMayEnd()
    await until(() => events.length > 0)
    expect(events).toEqual(['lost 1'])
    expect(ledger()).toMatchObject({ claimed: 1, done: 0, retried: 1, inFlight: 0 })
    await sleep(150)
    expect(asked).toEqual([['1']])
  })

  it('does not work a claim whose lease is over, and takes expiry from the clock that gave it', async () => {
    const { jobs, pipeline, t0, ledger } = await startWatched()
    const refused: string[] = []
    pipeline.on('jobs:unavailable', ({ error }) => refused.push(error.code))
    jobs.addClaims({ id: 'old', token: 'old', attempt: 1, leaseExpiresAt: Date.now() - 60_000, job: { targetTime: t0 } })
    await until(() => refused.length === 1)
    expect(refused).toEqual(['SNAPMINT_LEASE_LOST'])
    expect(ledger().claimed).toBe(0)
  })
})
