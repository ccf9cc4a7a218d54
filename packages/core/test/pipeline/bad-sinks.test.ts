import { describe, expect, it } from 'vitest'
import { SnapmintError } from '../../src/index.js'
import { startPipeline } from '../fixtures/start-pipeline.js'
import { recordingSink, until } from '../fixtures/test-adapters.js'

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
    } = await startPipeline({ put: { maxAttempts: 8, initialDelayMs: 1, maxDelayMs: 2 } }, flaky)
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
    const { jobs, sink, start: t0, settled } = await startPipeline({}, forbidden)
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
    const { jobs, sink, start: t0, settled } = await startPipeline({ put: { timeoutMs: 20, initialDelayMs: 1 } }, hanging)
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
    } = await startPipeline(
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
    const { jobs, start: t0, settled } = await startPipeline({ put: { maxAttempts: 1 } }, leaky)
    jobs.add({ targetTime: t0 })
    await settled(1)
    expect(JSON.stringify(jobs.outcomes)).not.toContain('hunter2')
  })
})
