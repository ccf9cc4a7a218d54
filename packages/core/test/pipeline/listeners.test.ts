import { channel } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPipeline, type Pipeline, type SnapmintError } from '../../src/index.js'
import { running, startWatched } from '../fixtures/start-watched.js'
import { jpeg, pushSource, until } from '../fixtures/test-adapters.js'

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
    const { pipeline } = await startWatched()
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
