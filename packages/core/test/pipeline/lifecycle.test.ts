import { channel } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createPipeline, type FrameSource, type Pipeline, SnapmintError } from '../../src/index.js'
import { jpeg, pushSource, recordingSink, scriptedJobs, until } from '../fixtures/test-adapters.js'

const running: Pipeline[] = []
const track = <P extends Pipeline<never>>(pipeline: P): P => {
  running.push(pipeline as never)
  return pipeline
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((pipeline) => pipeline.stop({ drainTimeoutMs: 0 })))
})

function started(frames: FrameSource['frames']): FrameSource {
  return { specVersion: 1, adapter: 'test', frames }
}

describe('lifecycle', () => {
  it('goes from idle to stopped, closes each adapter once, and does not start again', async () => {
    const source = pushSource()
    const [jobs, sink] = [scriptedJobs<{ targetTime: number }>(), recordingSink()]
    const route = { jobs, sinks: [sink, sink] }
    const pipeline = track(createPipeline({ sources: { a: source }, routes: [route] }))
    const states: string[] = []
    pipeline.on('pipeline:changed', ({ state }) => states.push(state))
    expect(pipeline.status()).toMatchObject({ state: 'idle', sources: {}, routes: {} })
    source.push(jpeg(Date.now()))
    await Promise.all([pipeline.start(), pipeline.start()])
    await Promise.all([pipeline.stop(), pipeline.stop(), pipeline[Symbol.asyncDispose]()])
    expect(states).toEqual(['starting', 'running', 'stopping', 'stopped'])
    expect([jobs.closed, sink.closed]).toEqual([1, 1])
    await expect(pipeline.start()).rejects.toMatchObject({ code: 'SNAPMINT_PIPELINE_STOPPED' })
    await expect(pipeline.snapshot('a')).rejects.toMatchObject({ code: 'SNAPMINT_PIPELINE_STOPPED' })
  })

  it('can be stopped before it starts and while it starts', async () => {
    const idle = createPipeline({ sources: { a: pushSource() } })
    await idle.stop()
    expect(idle.status().state).toBe('stopped')

    const silent = createPipeline({ sources: { a: pushSource() } })
    const start = silent.start()
    await silent.stop()
    await expect(start).rejects.toMatchObject({ code: 'SNAPMINT_PIPELINE_STOPPED' })
    expect(silent.status().state).toBe('stopped')
  })

  it('ends a start whose signal aborts, with the reason of the signal', async () => {
    const abort = new AbortController()
    const pipeline = createPipeline({ sources: { a: pushSource() } })
    const start = pipeline.start({ signal: abort.signal })
    abort.abort(new Error('changed my mind'))
    await expect(start).rejects.toThrow('changed my mind')
    expect(pipeline.status().state).toBe('failed')
  })

  it('rejects the start with the error of a source that no restart can mend, and stops the others', async () => {
    const good = pushSource()
    good.push(jpeg(Date.now()))
    const bad = started(() => {
      throw new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', 'Install the thing')
    })
    const jobs = scriptedJobs<{ targetTime: number }>()
    const pipeline = createPipeline({ sources: { good, bad }, routes: [{ jobs, sinks: [recordingSink()] }] })
    await expect(pipeline.start()).rejects.toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', message: 'Install the thing' })
    expect(pipeline.status()).toMatchObject({
      state: 'failed',
      sources: { good: { state: 'stopped' }, bad: { state: 'failed' } },
    })
    expect(jobs.closed).toBe(1)
    await pipeline.stop()
  })

  it('starts although a source fails in a passing way, and has it when it comes back', async () => {
    let runs = 0
    const shy = started(async function* ({ signal, now }) {
      if (++runs === 1) throw new Error('not plugged in')
      yield jpeg(now())
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    })
    const pipeline = track(createPipeline({ sources: { shy }, capture: { restart: { initialMs: 1, maxMs: 1 } } }))
    const restarts: string[] = []
    pipeline.on('source:restarting', ({ error }) => restarts.push(error.message))
    await pipeline.start()
    await until(() => pipeline.status().sources.shy.state === 'running')
    expect(restarts).toEqual([expect.stringContaining('not plugged in')])
  })

  it('delivers within the drain time, hands the rest back, and the ledger adds up', async () => {
    const source = pushSource()
    const jobs = scriptedJobs<{ targetTime: number }>()
    const sink = recordingSink(async (_media, { key, signal }) => {
      if (key.includes('5.jpg'))
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
      await sleep(5)
      return { uri: key }
    })
    const pipeline = track(createPipeline({ source, jobs, sink }))
    const t0 = Math.floor(Date.now() / 10) * 10 - 100
    for (let n = 0; n < 8; n++) source.push(jpeg(t0 + n))
    await pipeline.start()
    await until(() => pipeline.status().sources.camera.history.frames === 8)
    jobs.add(...Array.from({ length: 8 }, (_, n) => ({ targetTime: t0 + n })), { targetTime: pipeline.now() + 30_000 })
    await until(() => pipeline.status().routes.jobs!.claimed === 9)
    await pipeline.stop({ drainTimeoutMs: 500 })
    const by = (status: string) => jobs.outcomes.filter((outcome) => outcome.status === status)
    expect(by('done')).toHaveLength(7)
    expect(by('retry')).toMatchObject([
      { id: '9', untried: true, error: { code: 'SNAPMINT_JOB_ABANDONED' } },
      { id: '6', untried: true, error: { code: 'SNAPMINT_JOB_ABANDONED' } },
    ])
    expect(pipeline.status().routes.jobs).toEqual({
      claimed: 9,
      done: 7,
      failed: 0,
      retried: 2,
      inFlight: 0,
      waiting: 0,
      heldBytes: 0,
    })
  })

  it('hands back what a claim brings after the stop', async () => {
    const source = pushSource()
    source.push(jpeg(Date.now()))
    const jobs = scriptedJobs<{ targetTime: number }>()
    const pipeline = track(createPipeline({ source, jobs, sink: recordingSink() }))
    await pipeline.start()
    let release = () => {}
    jobs.fail.claim = () =>
      new Promise<void>((resolve) => {
        release = resolve
      })
    const calls = jobs.claimCalls.length
    await until(() => jobs.claimCalls.length > calls)
    jobs.add({ targetTime: pipeline.now() + 60_000 })
    const stop = pipeline.stop()
    release()
    await stop
    expect(jobs.outcomes).toMatchObject([{ status: 'retry', untried: true }])
  })

  it('reports an adapter that does not close, and stops all the same', async () => {
    const source = pushSource()
    source.push(jpeg(Date.now()))
    const sink = { ...recordingSink(), close: () => Promise.reject(new Error('busy')) }
    const pipeline = createPipeline({ source, jobs: scriptedJobs<{ targetTime: number }>(), sink })
    const failed: string[] = []
    pipeline.on('close:failed', ({ adapter, error }) => failed.push(`${adapter} ${error.code}`))
    await pipeline.start()
    await pipeline.stop()
    expect(failed).toEqual(['recording SNAPMINT_CLOSE_FAILED'])
    expect(pipeline.status().state).toBe('stopped')
  })

  it('reports events to listeners and to diagnostics_channel, and survives a listener that throws', async () => {
    const source = pushSource()
    const pipeline = track(createPipeline({ sources: { easel: source } }))
    const captured: number[] = []
    const failures: string[] = []
    const published: unknown[] = []
    const listen = (message: unknown) => published.push(message)
    channel('snapmint:frame:captured').subscribe(listen)
    pipeline.on('frame:captured', ({ captureTime }) => captured.push(captureTime))
    const off = pipeline.on('frame:captured', () => {
      throw new Error('listener broke')
    })
    pipeline.on('listener:failed', ({ event, error }) => failures.push(`${event} ${error.code}`))
    const now = Date.now()
    source.push(jpeg(now - 100))
    await pipeline.start()
    await until(() => pipeline.status().sources.easel.history.frames === 1)
    await sleep(50)
    source.push(jpeg(now - 50), jpeg(now - 40))
    await until(() => captured.length >= 2)
    expect(captured.slice(-2)).toEqual([now - 50, now - 40])
    expect(failures).toContain('frame:captured SNAPMINT_LISTENER_FAILED')
    off()
    channel('snapmint:frame:captured').unsubscribe(listen)
    expect(published).toContainEqual(expect.objectContaining({ source: 'easel', captureTime: now - 40 }))
  })

  it('gives its figures as metrics', async () => {
    const source = pushSource()
    source.push(jpeg(Date.now() - 10, 50))
    const pipeline = track(
      createPipeline({
        sources: { easel: source },
        routes: [{ name: 'r', jobs: scriptedJobs<{ targetTime: number }>(), sinks: [recordingSink()] }],
      }),
    )
    await pipeline.start()
    const sample = (name: string) => pipeline.metrics().find((item) => item.name === name)
    expect(sample('snapmint_captured_bytes_total')).toMatchObject({ value: 50, labels: { source: 'easel' }, type: 'counter' })
    expect(sample('snapmint_jobs_in_flight')).toMatchObject({ value: 0, labels: { route: 'r' }, type: 'gauge' })
    expect(sample('snapmint_up')).toMatchObject({ value: 1 })
  })
})

describe('wrong options', () => {
  const source = pushSource()
  const jobs = scriptedJobs<{ targetTime: number }>()
  const sink = recordingSink()
  const wrong: [string, unknown, string][] = [
    ['nothing', undefined, 'Expected `options` to be an object'],
    ['no sources', { sources: {} }, 'Expected `sources` to name at least one source'],
    ['a source that is none', { sources: { a: {} } }, 'Expected `sources.a.specVersion` to be 1'],
    ['a misspelt option', { sources: { a: source }, route: [] }, 'Unknown option `route` for createPipeline'],
    [
      'a route without sinks',
      { sources: { a: source }, routes: [{ jobs, sinks: [] }] },
      'Expected `routes[0].sinks` to be an array of at least one sink',
    ],
    [
      'jobs that cannot settle',
      { source, jobs: { ...jobs, settle: undefined }, sink },
      'Expected `jobs.settle` to be a function',
    ],
    ['no source', { jobs, sink }, 'Expected `source` to be an object'],
    ['no sink', { source, jobs }, 'Expected `sink` to be an object'],
    ['a factory that was not called', { source: pushSource, jobs, sink }, 'call it: `pushSource()`'],
    [
      'routes of one name',
      {
        sources: { a: source },
        routes: [
          { name: 'x', jobs, sinks: [sink] },
          { name: 'x', jobs, sinks: [sink] },
        ],
      },
      'a name of its own',
    ],
    [
      'a negative tolerance',
      { source, jobs, sink, toleranceMs: -1 },
      'Expected `toleranceMs` to be a finite number of at least 0',
    ],
    ['a history too small', { source, jobs, sink, history: { maxBytes: 1_000 } }, 'at least 65536 are needed'],
    [
      'a stall time of zero',
      { source, jobs, sink, capture: { stallMs: 0 } },
      'Expected `stallMs` to be a positive finite number',
    ],
  ]
  it.each(wrong)('throws at once for %s', (_name, options, message) => {
    expect(() => createPipeline(options as never)).toThrow(message)
  })
})

describe('bad job sources', () => {
  async function begin({ lease = false, leaseMs = 30_000 } = {}) {
    const source = pushSource()
    const jobs = scriptedJobs<{ targetTime: number }>({ lease })
    const sink = recordingSink()
    const pipeline = track(createPipeline({ source, jobs, sink, leaseMs }))
    const unavailable: string[] = []
    pipeline.on('jobs:unavailable', ({ operation, error }) => unavailable.push(`${operation} ${error.code}`))
    const t0 = Date.now() - 100
    source.push(jpeg(t0))
    await pipeline.start()
    return { source, jobs, sink, pipeline, t0, unavailable, ledger: () => pipeline.status().routes.jobs! }
  }

  it('goes on claiming after claim failed or answered nonsense', async () => {
    const { jobs, t0, unavailable } = await begin()
    let calls = 0
    jobs.fail.claim = () => {
      if (++calls <= 2) throw new Error('unreachable')
    }
    const honest = jobs.claim
    jobs.add({ targetTime: t0 })
    await until(() => jobs.outcomes.length === 1)
    expect(unavailable).toEqual(['claim SNAPMINT_JOBS_UNAVAILABLE', 'claim SNAPMINT_JOBS_UNAVAILABLE'])
    jobs.claim = async () => 'nonsense' as never
    await until(() => unavailable.length >= 3)
    jobs.claim = honest
    jobs.add({ targetTime: t0 })
    await until(() => jobs.outcomes.length === 2)
  })

  it('repeats a settle that failed, with the same outcomes, and counts each claim once', async () => {
    const { jobs, t0, unavailable, ledger } = await begin()
    let calls = 0
    jobs.fail.settle = () => {
      if (++calls <= 2) throw new Error('unreachable')
    }
    jobs.add({ targetTime: t0 }, { targetTime: t0 - 1 })
    await until(() => calls >= 1)
    expect(ledger()).toMatchObject({ claimed: 2, done: 0, inFlight: 2 })
    await until(() => jobs.outcomes.length === 2)
    await until(() => ledger().done === 2)
    expect(ledger()).toMatchObject({ claimed: 2, inFlight: 0 })
    expect(unavailable).toEqual(['settle SNAPMINT_JOBS_UNAVAILABLE', 'settle SNAPMINT_JOBS_UNAVAILABLE'])
  })

  it('drops the work of a lost lease, does not settle it, and counts it as retried', async () => {
    const { jobs, sink, pipeline, t0, ledger } = await begin({ lease: true, leaseMs: 200 })
    const lost: string[] = []
    pipeline.on('lease:lost', ({ id }) => lost.push(id))
    let aborted = false
    sink.behave = (_media, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        })
      })
    jobs.fail.extend = () => ['t1']
    jobs.add({ targetTime: t0 })
    await until(() => lost.length === 1)
    expect(lost).toEqual(['1'])
    await until(() => aborted)
    expect(ledger()).toMatchObject({ claimed: 1, retried: 1, inFlight: 0 })
    expect(jobs.outcomes).toEqual([])
  })

  it('keeps a lease by extending it while a slow sink works', async () => {
    const { jobs, sink, t0, ledger } = await begin({ lease: true, leaseMs: 200 })
    let extended = 0
    jobs.fail.extend = () => {
      extended++
      return []
    }
    sink.behave = async (_media, { key }) => {
      await until(() => extended >= 4)
      return { uri: key }
    }
    jobs.add({ targetTime: t0 })
    await until(() => ledger().done === 1)
    expect(ledger()).toMatchObject({ claimed: 1, retried: 0 })
  })
})
