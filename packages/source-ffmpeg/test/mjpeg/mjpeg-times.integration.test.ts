import { describe, expect, it } from 'vitest'
import { multipartHead, partOf, pushParts } from '../fixtures/camera-server.js'
import { jpeg, openCamera, serveRaw } from '../fixtures/http-camera.js'
import { gapsOf, readFrames } from '../fixtures/read-frames.js'

describe('the times of pictures', () => {
  it('are those of their last bytes', async () => {
    let sentAt = 0
    const { port } = await serveRaw((socket) => {
      const part = partOf(jpeg)
      socket.write(multipartHead)
      socket.write(part.subarray(0, -3))
      setTimeout(() => {
        sentAt = performance.timeOrigin + performance.now()
        socket.write(part.subarray(-3))
      }, 50)
    })
    const { frames } = await readFrames(openCamera(port), { max: 1 })
    expect(frames[0]!.captureTime).toBeGreaterThanOrEqual(sentAt)
  })

  it.each([
    ['seconds of the Unix epoch', (ms: number) => `X-Timestamp: ${(ms / 1000).toFixed(6)}\r\n`],
    ['ISO 8601', (ms: number) => `X-Time: ${new Date(ms).toISOString()}\r\n`],
    [
      'RFC 1123 with a fraction',
      (ms: number) => `Date: ${new Date(ms).toUTCString().replace(' GMT', `.${String(ms % 1000).padStart(3, '0')} GMT`)}\r\n`,
    ],
  ])('are those of the camera where it tells them, in %s', async (_name, field) => {
    const told: number[] = []
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => {
        told.push(Date.now() - 120)
        return partOf(jpeg, field(told.at(-1)!))
      })
    })
    const { frames } = await readFrames(openCamera(port), { max: 20 })
    for (const [index, { captureTime }] of frames.entries()) expect(Math.abs(captureTime - told[index]!)).toBeLessThan(2)
  })

  it.each(['X-Timestamp: 0.000000\r\n', 'X-Timestamp: 1795000000\r\n', 'Date: Sat, 21 Nov 2026 10:00:00 GMT\r\n'])(
    'are those of their arrival where the camera only tells %j',
    async (field) => {
      const { port } = await serveRaw((socket) => {
        socket.write(multipartHead)
        pushParts(socket, () => partOf(jpeg, field))
      })
      const { frames, aheadMs } = await readFrames(openCamera(port), { max: 10 })
      expect(frames).toHaveLength(10)
      expect(Math.min(...aheadMs)).toBeGreaterThan(-1000)
      for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0.1)
    },
  )
})
