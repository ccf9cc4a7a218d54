import { describe, expect, it } from 'vitest'
import { memorySink } from '../../src/builtin/memory-sink.js'
import { signal } from './outcomes.js'
import { snapshot } from './snapshot.js'

const context = { key: 'easel/1.jpg', jobIds: [], signal }

describe('memorySink', () => {
  it('keeps a copy of each picture under its key', async () => {
    const sink = memorySink()
    const media = snapshot('abc')
    expect(await sink.put(media, context)).toEqual({ uri: 'memory:easel/1.jpg' })
    await sink.put(media, context)
    media.data.fill(0)
    expect(Buffer.from(sink.objects.get('easel/1.jpg')!.data).toString()).toBe('abc')
    expect([sink.objects.size, sink.puts]).toEqual([1, 2])
    sink.clear()
    expect([sink.objects.size, sink.puts]).toEqual([0, 0])
  })

  it('drops what was stored first beyond maxObjects', async () => {
    const sink = memorySink({ maxObjects: 2 })
    for (const key of ['a', 'b', 'c']) await sink.put(snapshot(key), { ...context, key })
    expect([...sink.objects.keys()]).toEqual(['b', 'c'])
  })

  it('stores nothing for an aborted signal, and no media of a kind it does not know', async () => {
    const sink = memorySink()
    const reason = new Error('stop')
    await expect(sink.put(snapshot('a'), { ...context, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(sink.put({ ...snapshot('a'), kind: 'hologram' } as never, context)).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_FAILED',
      retryable: false,
      message: expect.stringContaining('"hologram"'),
    })
    expect(sink.puts).toBe(0)
  })

  it('refuses options it cannot use', () => {
    expect(() => memorySink({ maxObjects: 0 })).toThrow(RangeError)
    expect(() => memorySink({ max: 1 } as never)).toThrow('Unknown option `max`')
  })
})
