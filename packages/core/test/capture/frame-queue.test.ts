import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameQueue } from '../../src/capture/frame-queue.js'

const image = (bytes: number) => ({ mimeType: 'image/jpeg', data: new Uint8Array(bytes) })
const chunk = (type: 'key' | 'delta', name = '') => ({ codec: 'avc1', type, name, data: new Uint8Array(10) })
const drain = (queue: ReturnType<typeof createFrameQueue>) => {
  const frames: unknown[] = []
  while (queue.size > 0) frames.push(queue.shift())
  return frames
}

describe('the queue between two processes', () => {
  it('drops the oldest frames beyond its count', () => {
    const queue = createFrameQueue({ maxFrames: 2, maxBytes: 1000 })
    expect([1, 2, 3].map((bytes) => queue.push(image(bytes)))).toEqual([0, 0, 1])
    expect(drain(queue)).toEqual([image(2), image(3)])
  })

  it('drops the oldest frames beyond its bytes, but never the newest', () => {
    const queue = createFrameQueue({ maxFrames: 100, maxBytes: 50 })
    expect([20, 20, 20, 500].map((bytes) => queue.push(image(bytes)))).toEqual([0, 0, 1, 2])
    expect(drain(queue)).toEqual([image(500)])
  })

  it('drops a whole run of video: no delta without its key', () => {
    const queue = createFrameQueue({ maxFrames: 3, maxBytes: 1000 })
    for (const type of ['key', 'delta', 'delta'] as const) queue.push(chunk(type))
    expect(queue.push(chunk('delta', 'late'))).toBe(4)
    expect(queue.push(chunk('delta', 'later'))).toBe(1)
    expect(queue.push(chunk('key', 'next'))).toBe(0)
    expect(drain(queue)).toEqual([chunk('key', 'next')])
  })

  it('takes whatever a source yields', () => {
    const queue = createFrameQueue({ maxFrames: 2, maxBytes: 10 })
    for (const garbage of [undefined, null, 'text', { data: 'text' }, { data: { byteLength: 'many' } }]) queue.push(garbage)
    expect(queue.size).toBe(2)
  })

  it('accounts for every frame, stays within its limits, and hands out decodable video only', () => {
    const frame = fc.oneof(
      fc.integer({ min: 0, max: 400 }).map((bytes) => ({ push: image(bytes) })),
      fc.constantFrom('key' as const, 'delta' as const, 'delta' as const).map((type) => ({ push: chunk(type) })),
      fc.constant({ shift: true as const }),
    )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 200 }), (actions) => {
        const queue = createFrameQueue({ maxFrames: 8, maxBytes: 500 })
        const order: object[] = []
        const out: object[] = []
        let dropped = 0
        for (const action of actions) {
          if ('push' in action) {
            const each = { ...action.push }
            order.push(each)
            dropped += queue.push(each)
          } else if (queue.size > 0) out.push(queue.shift() as object)
          expect(queue.size).toBeLessThanOrEqual(8)
        }
        out.push(...(drain(queue) as object[]))
        expect(out.length + dropped).toBe(order.length)
        // In order, and each delta right behind the chunk that it was behind at the source.
        const positions = out.map((each) => order.indexOf(each))
        expect(positions).toEqual([...positions].sort((a, b) => a - b))
        const chunksIn = order.filter((each) => 'codec' in each)
        const chunksOut = out.filter((each) => 'codec' in each)
        for (const [index, each] of chunksOut.entries()) {
          if ((each as unknown as { type: string }).type === 'key') continue
          const before = chunksIn[chunksIn.indexOf(each) - 1]
          if (before !== undefined) expect(chunksOut[index - 1]).toBe(before)
        }
      }),
    )
  })
})
