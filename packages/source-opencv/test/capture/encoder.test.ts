import { describe, expect, it } from 'vitest'
import { createEncoder } from '../../src/capture/encoder.js'

interface Work {
  readonly captureTime: number
  finish(): void
  fail(error: Error): void
}

function setUp() {
  const begun: Work[] = []
  const encoded: number[] = []
  const released: number[] = []
  const failures: unknown[] = []
  let drops = 0
  const picture = (captureTime: number) => ({ captureTime, mat: { release: () => void released.push(captureTime) } })
  const encoder = createEncoder(
    ({ captureTime }: ReturnType<typeof picture>) =>
      new Promise<number>((resolve, reject) => {
        begun.push({ captureTime, finish: () => resolve(captureTime), fail: reject })
      }),
    (result) => void encoded.push(result),
    () => void drops++,
    (thrown) => void failures.push(thrown),
  )
  const settle = () => new Promise(setImmediate)
  return { begun, encoded, released, failures, picture, encoder, settle, drops: () => drops }
}

describe('createEncoder', () => {
  it('never holds up the reader: the newest picture waits, those before it are dropped and released', async () => {
    const { begun, encoded, released, picture, encoder, settle, drops } = setUp()
    for (let time = 1; time <= 6; time++) encoder.offer(picture(time))
    expect(begun.map(({ captureTime }) => captureTime)).toEqual([1, 2])
    expect(released).toEqual([3, 4, 5])
    expect(drops()).toBe(3)
    begun[0]?.finish()
    await settle()
    expect(begun.at(-1)?.captureTime).toBe(6)
    expect(encoded).toEqual([1])
  })

  it('hands pictures out in their order, though a later one is finished first', async () => {
    const { begun, encoded, picture, encoder, settle } = setUp()
    encoder.offer(picture(1))
    encoder.offer(picture(2))
    begun[1]?.finish()
    await settle()
    expect(encoded).toEqual([])
    begun[0]?.finish()
    await encoder.idle()
    expect(encoded).toEqual([1, 2])
  })

  it('tells of a failure once, and takes nothing after it', async () => {
    const { begun, released, failures, picture, encoder, settle } = setUp()
    for (let time = 1; time <= 3; time++) encoder.offer(picture(time))
    begun[0]?.fail(new Error('no memory'))
    await settle()
    begun[1]?.fail(new Error('neither'))
    await settle()
    expect(failures).toEqual([new Error('no memory')])
    encoder.offer(picture(4))
    expect(released).toContain(4)
  })

  it('throws away what waits when it is stopped', async () => {
    const { begun, encoded, released, picture, encoder, settle } = setUp()
    for (let time = 1; time <= 3; time++) encoder.offer(picture(time))
    encoder.stop()
    expect(released).toEqual([3])
    for (const work of begun) work.finish()
    await settle()
    expect(encoded).toEqual([])
  })

  it('makes room for a recording, of which nothing is dropped', async () => {
    const { begun, picture, encoder, drops } = setUp()
    for (let time = 1; time <= 3; time++) encoder.offer(picture(time))
    const room = encoder.room()
    begun[0]?.finish()
    await room
    encoder.offer(picture(4))
    expect(drops()).toBe(0)
  })
})
