import { describe, expect, it } from 'vitest'
import { createGatherer, type Gathered } from '../src/gather.js'

const never = () => new AbortController().signal
const none = () => {}

describe('createGatherer', () => {
  it('sends a batch that is full at once, and begins another', async () => {
    const sent: string[][] = []
    const gatherer = createGatherer<number, number>({
      maxItems: 3,
      maxWaitMs: 5,
      async send(items: readonly Gathered<number>[]) {
        sent.push(items.map(({ id }) => id))
        return items.map(({ item }) => ({ status: 'fulfilled', value: item * 10 }) as const)
      },
    })
    const results = await Promise.all([1, 2, 3, 4].map((item) => gatherer.add(`${item}`, item, never(), none)))
    expect(results).toEqual([10, 20, 30, 40])
    expect(sent).toEqual([['1', '2', '3'], ['4']])
  })

  it('gives each item its own outcome', async () => {
    const gatherer = createGatherer<string, string>({
      maxItems: 2,
      maxWaitMs: 60_000,
      send: async () => [
        { status: 'rejected', reason: new Error('bad') },
        { status: 'fulfilled', value: 'good' },
      ],
    })
    const results = await Promise.allSettled(['a', 'b'].map((id) => gatherer.add(id, id, never(), none)))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('lets the same item join a batch that is on its way, unless everybody has left it', async () => {
    let release = none
    const signals: AbortSignal[] = []
    const gatherer = createGatherer<string, string>({
      maxItems: 1,
      maxWaitMs: 60_000,
      async send(items, signal) {
        signals.push(signal)
        await new Promise<void>((resolve) => {
          release = resolve
        })
        return items.map(({ id }) => ({ status: 'fulfilled', value: id }) as const)
      },
    })
    const controller = new AbortController()
    const first = gatherer.add('a', 'a', controller.signal, none)
    const joined = gatherer.add('a', 'a', never(), none)
    controller.abort('gone')
    await expect(first).rejects.toBe('gone')
    expect(signals).toHaveLength(1)
    expect(signals[0]!.aborted).toBe(false)
    release()
    expect(await joined).toBe('a')
    const alone = new AbortController()
    const left = gatherer.add('b', 'b', alone.signal, none)
    alone.abort('gone')
    await expect(left).rejects.toBe('gone')
    expect(signals[1]!.aborted).toBe(true)
    const anew = gatherer.add('b', 'b', never(), none)
    expect(signals).toHaveLength(3)
    release()
    expect(await anew).toBe('b')
  })

  it('leaves no timer behind', async () => {
    const gatherer = createGatherer<string, string>({ maxItems: 9, maxWaitMs: 60_000, send: async () => [] })
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const controller = new AbortController()
    const aborted = gatherer.add('a', 'a', controller.signal, none)
    expect(timers()).toBe(before + 1)
    controller.abort('gone')
    await expect(aborted).rejects.toBe('gone')
    expect(timers()).toBe(before)
    const closed = gatherer.add('b', 'b', never(), none)
    gatherer.close(() => 'closed')
    await expect(closed).rejects.toBe('closed')
    expect(timers()).toBe(before)
  })
})
