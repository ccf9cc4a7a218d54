import { describe, expect, it } from 'vitest'
import { createFrameChannel } from '../../src/capture/frame-channel.js'

const frame = (captureTime: number) => ({ mimeType: 'image/jpeg', captureTime, data: new Uint8Array() }) as const

describe('createFrameChannel', () => {
  it('keeps the newest 32 frames for a consumer that does not read, and counts the others', async () => {
    let drops = 0
    const channel = createFrameChannel(() => drops++)
    for (let time = 0; time < 40; time++) channel.push(frame(time))
    expect(drops).toBe(8)
    expect((await channel.next()).value).toMatchObject({ captureTime: 8 })
  })

  it('hands out what waits before the error, which it throws once', async () => {
    const channel = createFrameChannel(() => {})
    channel.push(frame(1))
    channel.end({ error: new Error('unplugged') })
    channel.push(frame(2))
    expect((await channel.next()).value).toMatchObject({ captureTime: 1 })
    await expect(channel.next()).rejects.toThrow('unplugged')
    expect((await channel.next()).done).toBe(true)
  })
})
