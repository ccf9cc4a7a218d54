import type { ImageFrame, VideoChunk } from '@snapmint/core/adapter'
import { describe, expect, it } from 'vitest'
import { createFrameQueue } from '../../src/frames/frame-queue.js'

const epoch = 1_795_000_000_000
const frame = (captureTime: number, byteLength = 10): ImageFrame => ({
  mimeType: 'image/jpeg',
  captureTime,
  data: new Uint8Array(byteLength),
})

const chunk = (captureTime: number, type: 'key' | 'delta'): VideoChunk => ({
  codec: 'avc1.42001f',
  type,
  captureTime,
  data: new Uint8Array(10),
})

function createQueue({ maxBytes = 1000, now = (): number => epoch } = {}) {
  const dropped: number[] = []
  let taken = 0
  const queue = createFrameQueue({
    now,
    maxBytes,
    onDrop: (frames) => dropped.push(frames),
    onTake: () => {
      taken += 1
    },
  })
  return { queue, dropped, taken: () => taken }
}

describe('createFrameQueue', () => {
  it('serves requests in order, whether they come before or after the frames', async () => {
    const { queue, taken } = createQueue()
    const early = [queue.next(), queue.next()]
    queue.push(frame(epoch - 3))
    queue.push(frame(epoch - 2))
    queue.push(frame(epoch - 1))
    const results = [...(await Promise.all(early)), await queue.next()]
    expect(results.map(({ value }) => value.captureTime)).toEqual([epoch - 3, epoch - 2, epoch - 1])
    expect(taken()).toBe(3)
  })

  it('drops the oldest frames when too many bytes wait, and says how many', async () => {
    const { queue, dropped } = createQueue({ maxBytes: 25 })
    for (let index = 0; index < 5; index++) queue.push(frame(epoch - 5 + index))
    expect(dropped).toEqual([1, 1, 1])
    expect(queue.bytes()).toBe(20)
    expect((await queue.next()).value.captureTime).toBe(epoch - 2)
  })

  it('keeps a single frame that is larger than the limit', async () => {
    const { queue, dropped } = createQueue({ maxBytes: 25 })
    queue.push(frame(epoch, 100))
    expect((await queue.next()).value.data.byteLength).toBe(100)
    expect(dropped).toEqual([])
  })

  it('drops the deltas with their key, up to the next key', async () => {
    const { queue, dropped } = createQueue({ maxBytes: 55 })
    for (const [index, type] of (['key', 'delta', 'delta', 'key', 'delta', 'delta'] as const).entries())
      queue.push(chunk(epoch - 9 + index, type))
    expect(dropped).toEqual([3])
    expect((await queue.next()).value).toMatchObject({ type: 'key', captureTime: epoch - 6 })
  })

  it('takes no delta whose key had to go, and goes on with the next key', async () => {
    const { queue, dropped } = createQueue({ maxBytes: 25 })
    for (const [index, type] of (['key', 'delta', 'delta', 'delta', 'key'] as const).entries())
      queue.push(chunk(epoch - 9 + index, type))
    expect(dropped).toEqual([3, 1])
    expect((await queue.next()).value).toMatchObject({ type: 'key', captureTime: epoch - 5 })
    queue.push(chunk(epoch - 4, 'delta'))
    expect((await queue.next()).value).toMatchObject({ type: 'delta', captureTime: epoch - 4 })
  })

  it('hands a frame out when its captureTime has come', async () => {
    const start = performance.now()
    const now = () => epoch + performance.now() - start
    const { queue } = createQueue({ now })
    queue.push(frame(epoch + 30))
    expect(queue.aheadMs()).toBeGreaterThan(0)
    const { value } = await queue.next()
    expect(now()).toBeGreaterThanOrEqual(value.captureTime)
  })

  it('hands out what waits before it ends or fails, and fails once', async () => {
    const { queue } = createQueue()
    queue.push(frame(epoch))
    queue.end({ error: new Error('unplugged') })
    queue.push(frame(epoch))
    expect((await queue.next()).done).toBe(false)
    await expect(queue.next()).rejects.toThrow('unplugged')
    expect((await queue.next()).done).toBe(true)
  })

  it('ends at once when it is closed, with frames waiting or requests', async () => {
    const { queue } = createQueue()
    queue.push(frame(epoch + 60_000))
    const waiting = queue.next()
    queue.close()
    expect((await waiting).done).toBe(true)
    expect((await queue.next()).done).toBe(true)
    expect(queue.bytes()).toBe(0)
  })
})
