import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPipeline, memoryJobs, memorySink } from '@snapmint/core'
import { readTimeCodeFromJpeg, sketchSource } from '@snapmint/source-sketch'
import { afterEach, describe, expect, it } from 'vitest'
import { ffmpegSource } from '../../dist/index.js'
import { digestCamera, multipartHead, partOf, type RawServer, startRawServer } from '../fixtures/camera-server.js'
import { startHttpServer } from '../fixtures/mjpeg-server.js'
import { until } from '../fixtures/processes.js'

const cleanUps: (() => Promise<unknown>)[] = []
const now = () => performance.timeOrigin + performance.now()

afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

/** A camera whose pictures show when they were taken; every seventh is cut off. */
async function startCamera({ tellsTime = false, port = 0 } = {}): Promise<RawServer> {
  const controller = new AbortController()
  const server = await startRawServer(
    async (socket) => {
      socket.write(multipartHead)
      const context = { signal: controller.signal, now, allocate: (size: number) => new Uint8Array(size) }
      let index = 0
      for await (const { data, captureTime } of sketchSource({ frameRate: 20, width: 320, height: 180 }).frames(context)) {
        if (socket.destroyed) return
        const jpeg = index++ % 7 === 3 ? data.subarray(0, data.length >> 1) : data
        socket.write(partOf(jpeg, tellsTime ? `X-Timestamp: ${(captureTime / 1000).toFixed(6)}\r\n` : ''))
      }
    },
    { port },
  )
  return {
    ...server,
    close() {
      controller.abort()
      return server.close()
    },
  }
}

describe('an HTTP camera in a pipeline', () => {
  it.each([
    ['its own clock', true],
    ['the arrival', false],
  ])('gives, dated by %s, whole pictures that show the time which the receipt tells', async (_name, tellsTime) => {
    const camera = await startCamera({ tellsTime })
    cleanUps.push(camera.close)
    const jobs = memoryJobs()
    const sink = memorySink()
    const source = ffmpegSource({ input: `http://127.0.0.1:${camera.port}/`, clock: tellsTime ? 'sender' : 'arrival' })
    const pipeline = createPipeline({ source, jobs, sink })
    cleanUps.push(() => pipeline.stop())
    const notices: string[] = []
    pipeline.on('source:notice', ({ message }) => notices.push(message))
    await pipeline.start()
    await until(() => pipeline.status().sources.camera.accepted > 30, 'there were pictures')
    const ids = Array.from({ length: 60 }, () => jobs.add({ targetTime: pipeline.now() - 1000 + Math.random() * 1500 }))
    const outcomes = await Promise.all(ids.map((id) => jobs.outcome(id)))
    for (const outcome of outcomes) {
      if (outcome.status !== 'done') throw new Error(`Job ${outcome.id} failed: ${outcome.error.message}`)
      const { captureTime, uris } = outcome.receipt.frames[0]!
      const code = readTimeCodeFromJpeg(sink.objects.get(uris[0]!.slice('memory:'.length))!.data)
      if (code === undefined) throw new Error(`The picture of ${captureTime} is not whole`)
      // The pipeline's clock is another one than the camera's: they were set by the same wall clock, which has whole milliseconds.
      if (tellsTime) expect(Math.abs(captureTime - code)).toBeLessThan(10)
      else expect(captureTime).toBeGreaterThan(code - 10)
    }
    expect(notices.join()).toContain('was cut off')
    expect(
      new Set(outcomes.map((outcome) => outcome.status === 'done' && outcome.receipt.frames[0]!.captureTime)).size,
    ).toBeGreaterThan(10)
  })

  it('goes on when the camera was gone for a while, with no time twice', async () => {
    const first = await startCamera()
    const source = ffmpegSource({ input: `http://127.0.0.1:${first.port}/` })
    const pipeline = createPipeline({ sources: { camera: source }, capture: { restart: { initialMs: 50, maxMs: 100 } } })
    cleanUps.push(() => pipeline.stop())
    const errors: string[] = []
    pipeline.on('source:restarting', ({ error }) => errors.push(error.code))
    await pipeline.start()
    const { reader } = pipeline.history('camera')
    await until(() => reader.stats().frames > 3, 'there were pictures')
    await first.close()
    await until(() => errors.includes('SNAPMINT_SOURCE_UNAVAILABLE'), 'it was missed')
    const before = reader.stats().frames
    const second = await startCamera({ port: first.port })
    cleanUps.push(second.close)
    await until(() => reader.stats().frames > before + 3, 'there were pictures again')
    const times = reader.latest(1000).map(({ captureTime }) => captureTime)
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
  })

  it('is not asked again and again with a wrong password', async () => {
    let requests = 0
    const never: RequestListener = (_request, response) => response.end()
    const guard = digestCamera({ username: 'admin', password: 'other', algorithm: 'SHA-256' }, never)
    const server = await startHttpServer((request, response) => {
      requests += 1
      guard(request, response)
    })
    cleanUps.push(server.close)
    const source = ffmpegSource({ input: `http://admin:s3cret@127.0.0.1:${server.port}/` })
    const pipeline = createPipeline({ sources: { camera: source }, capture: { restart: { initialMs: 10, maxMs: 20 } } })
    cleanUps.push(() => pipeline.stop())
    const told: { code: string; delayMs: number; message: string }[] = []
    pipeline.on('source:restarting', ({ error, delayMs }) => told.push({ code: error.code, delayMs, message: error.message }))
    await pipeline.start()
    await sleep(1000)
    expect(requests).toBe(2)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
    expect(told[0]!.delayMs).toBeGreaterThanOrEqual(30_000)
    expect(told[0]!.message).not.toContain('s3cret')
  })
})
