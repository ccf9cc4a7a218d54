import { join } from 'node:path'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { ffmpegSource } from '../src/index.js'
import { describeWithFfmpeg, runFfmpeg, startPublisher } from './fixtures/ffmpeg-tool.js'
import { mjpegCamera, startHttpServer, type TestServer } from './fixtures/mjpeg-server.js'
import { until } from './fixtures/processes.js'
import { gapsOf, type Read, readFrames } from './fixtures/read-frames.js'
import { startRtspRelay } from './fixtures/rtsp-relay.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const still = join(directory, 'still.jpg')
const secrets = /s3cret|tok-1234|admin/
const cleanUps: (() => Promise<unknown>)[] = []

function expectFailure({ error }: Read, expected: Record<string, unknown>): void {
  expect(error).toMatchObject({ name: 'SnapmintError', adapter: 'ffmpeg', ...expected })
  expect(JSON.stringify(error) + String((error as Error).stack)).not.toMatch(secrets)
}

function expectGoodTimes({ frames, aheadMs }: Read, startedAt: number): void {
  for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0)
  expect(Math.max(...aheadMs)).toBeLessThanOrEqual(0)
  for (const { captureTime } of frames) expect(captureTime).toBeGreaterThan(startedAt)
}

afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

async function serve(...args: Parameters<typeof startHttpServer>): Promise<TestServer> {
  const server = await startHttpServer(...args)
  cleanUps.push(server.close)
  return server
}

describeWithFfmpeg('ffmpegSource on HTTP', () => {
  beforeAll(() => runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=320x180', '-frames:v', '1', still]))

  it('plays a camera that pushes JPEG files faster than the 25 a second that FFmpeg counts', async () => {
    const startedAt = Date.now()
    const { port } = await serve(mjpegCamera(still, { everyMs: 15 }))
    const read = await readFrames(ffmpegSource({ input: `http://127.0.0.1:${port}/video` }), { max: 60 })
    expect(read.error).toBeUndefined()
    expect(read.frames).toHaveLength(60)
    expectGoodTimes(read, startedAt)
    expect(read.frames[0]).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 320, codedHeight: 180 })
  })

  it('dates frames by a pipeline clock that is hours away from the wall clock', async () => {
    const shiftMs = -6 * 3_600_000
    const now = () => performance.timeOrigin + performance.now() + shiftMs
    const startedAt = now()
    const { port } = await serve(mjpegCamera(still))
    const read = await readFrames(ffmpegSource({ input: `http://127.0.0.1:${port}/` }), { max: 5, now })
    expect(read.frames).toHaveLength(5)
    expectGoodTimes(read, startedAt)
    expect(read.frames[4]?.captureTime).toBeLessThanOrEqual(now())
  })

  it('takes the end of the stream for a failure that may pass', async () => {
    const { port } = await serve(mjpegCamera(still, { frames: 5 }))
    const read = await readFrames(ffmpegSource({ input: `http://admin:s3cret@127.0.0.1:${port}/?token=tok-1234` }))
    expect(read.frames.length).toBeGreaterThan(0)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
  })

  it.each([
    [401, 'SNAPMINT_SOURCE_UNAUTHORIZED', 30_000],
    [403, 'SNAPMINT_SOURCE_UNAUTHORIZED', 30_000],
    [404, 'SNAPMINT_SOURCE_UNAVAILABLE', undefined],
    [503, 'SNAPMINT_SOURCE_UNAVAILABLE', undefined],
  ])('reports status %d without credentials', async (status, code, retryAfterMs) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end())
    const read = await readFrames(ffmpegSource({ input: `http://admin:s3cret@127.0.0.1:${port}/?token=tok-1234` }))
    expectFailure(read, { code, retryable: true, retryAfterMs })
    expect((read.error as Error).message).toContain(`127.0.0.1:${port}`)
  })

  it('gives up a server that accepts and says nothing', async () => {
    const { port } = await serve(() => {})
    const read = await readFrames(ffmpegSource({ input: `http://127.0.0.1:${port}/`, timeoutMs: 300 }))
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it('reports a stream of something else than video', async () => {
    const { port } = await serve((_request, response) => response.end('<h1>Log in</h1>'.repeat(500)))
    expectFailure(await readFrames(ffmpegSource({ input: `http://127.0.0.1:${port}/` })), { code: 'SNAPMINT_SOURCE_UNREADABLE' })
  })

  it('drops the oldest frames of a live stream when the consumer stops, and says so', async () => {
    const { port } = await serve(mjpegCamera(still, { everyMs: 2, frames: 400 }))
    const notices: string[] = []
    const source = ffmpegSource({ input: `http://127.0.0.1:${port}/`, maxQueueBytes: 2 ** 20, quality: 100 })
    const now = () => performance.timeOrigin + performance.now()
    const { signal } = new AbortController()
    const allocate = (size: number) => new Uint8Array(size)
    const run = source.frames({ signal, now, allocate, notice: (text) => notices.push(text) })[Symbol.asyncIterator]()
    const first = (await run.next()).value.captureTime
    await until(() => notices.length > 0, 'frames were dropped')
    expect((await run.next()).value.captureTime).toBeGreaterThan(first)
    expect(notices[0]).toContain('frames were dropped')
    await run.return?.()
  })
})

describeWithFfmpeg('ffmpegSource on RTSP', () => {
  function publish(port: number): void {
    const picture = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=10']
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '5', '-threads', '1']
    const publisher = startPublisher([
      ...picture,
      ...codec,
      '-f',
      'rtsp',
      '-rtsp_transport',
      'tcp',
      `rtsp://127.0.0.1:${port}/studio`,
    ])
    cleanUps.push(publisher.stop)
  }

  async function startCamera(options: Parameters<typeof startRtspRelay>[0] = {}) {
    const relay = await startRtspRelay(options)
    cleanUps.push(relay.close)
    publish(relay.port)
    await until(() => relay.has('studio'), 'the stream was published')
    return relay
  }

  it('plays, reports the death of the server, and plays again in the next run when it is back', async () => {
    const startedAt = Date.now()
    const relay = await startCamera()
    const source = ffmpegSource({ input: `rtsp://admin:s3cret@127.0.0.1:${relay.port}/studio?token=tok-1234`, timeoutMs: 3000 })
    const running = readFrames(source)
    await until(() => relay.viewers('studio') > 0, 'the source was connected')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const first = await readFrames(source, { max: 5 })
    expect(first.error).toBeUndefined()
    expectGoodTimes(first, startedAt)
    await relay.close()
    const dead = await running
    expectFailure(dead, { retryable: true })
    expectGoodTimes(dead, startedAt)
    const refused = await readFrames(source)
    expectFailure(refused, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    await startCamera({ port: relay.port })
    const again = await readFrames(source, { max: 3 })
    expect(again.frames).toHaveLength(3)
    expectGoodTimes(again, dead.frames.at(-1)?.captureTime ?? startedAt)
  })

  it('logs in, and reports wrong credentials without showing them', async () => {
    const relay = await startCamera({ guard: { credentials: 'admin:s3cret' } })
    const good = await readFrames(ffmpegSource({ input: `rtsp://admin:s3cret@127.0.0.1:${relay.port}/studio` }), { max: 1 })
    expect(good.frames).toHaveLength(1)
    const wrong = await readFrames(ffmpegSource({ input: `rtsp://admin:s3cret-no@127.0.0.1:${relay.port}/studio` }))
    expectFailure(wrong, { code: 'SNAPMINT_SOURCE_UNAUTHORIZED', retryable: true, retryAfterMs: 30_000 })
  })

  it('reports a stream that the server does not have', async () => {
    const relay = await startRtspRelay()
    cleanUps.push(relay.close)
    const read = await readFrames(ffmpegSource({ input: `rtsp://127.0.0.1:${relay.port}/attic` }))
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it('gives up a server that accepts and says nothing', async () => {
    const { port } = await serve(() => {})
    const read = await readFrames(ffmpegSource({ input: `rtsp://admin:s3cret@127.0.0.1:${port}/studio`, timeoutMs: 300 }))
    expectFailure(read, { retryable: true })
  })
})
