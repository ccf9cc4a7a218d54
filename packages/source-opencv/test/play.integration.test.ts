import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { opencvSource } from '../src/index.js'
import { makeVideo } from './fixtures/make-video.js'
import { createContext, gapsOf, type Read, readFrames } from './fixtures/read-frames.js'
import { startCamera, type TestCamera } from './fixtures/start-camera.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'
import { describeWithOpencv, runFfmpeg } from './fixtures/tools.js'

const directory = temporaryDirectory()
const video = join(directory, 'video.mp4')
const secrets = /s3cret|tok-1234|admin/

function expectFailure({ error }: Read, expected: Record<string, unknown>): void {
  expect(error).toMatchObject({ name: 'SnapmintError', adapter: 'opencv', ...expected })
  expect(JSON.stringify(error) + String((error as Error).stack)).not.toMatch(secrets)
}

describeWithOpencv('opencvSource on a file', () => {
  beforeAll(() => makeVideo({ path: video, frames: 20, frameRate: 20 }))

  it('plays every frame in real time, dated by its place in the recording', async () => {
    const begun = performance.timeOrigin + performance.now()
    const { frames, error } = await readFrames(opencvSource({ device: video }), {
      onFrame: ({ captureTime }) => expect(captureTime).toBeLessThanOrEqual(performance.timeOrigin + performance.now()),
    })
    expect(error).toBeUndefined()
    expect(frames).toHaveLength(20)
    expect(frames[0]?.captureTime).toBeGreaterThan(begun)
    for (const gap of gapsOf(frames)) expect(gap).toBeCloseTo(50, 0)
    expect(frames.map(({ data }) => readTimeCodeFromJpeg(data))).toEqual(frames.map((_, index) => index * 50))
    expect(frames[0]).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 320, codedHeight: 180 })
  })

  it('delivers only what is due, and those frames at their own times', async () => {
    const { frames } = await readFrames(opencvSource({ device: video, intervalMs: 200 }))
    expect(frames.map(({ data }) => readTimeCodeFromJpeg(data))).toEqual([0, 200, 400, 600, 800])
    const limited = await readFrames(opencvSource({ device: video, frameRate: 10 }))
    expect(limited.frames).toHaveLength(10)
  })

  it('turns clockwise and then mirrors, in the pixels', async () => {
    // Red at the top left, green at its right, blue below.
    const still = join(directory, 'corners.mp4')
    const boxes = 'drawbox=0:0:32:32:red:fill,drawbox=32:0:32:32:lime:fill,drawbox=0:32:32:32:blue:fill'
    await runFfmpeg(['-f', 'lavfi', '-i', `color=white:size=128x96:rate=5,${boxes}`, '-frames:v', '1', still])
    const corners = async (options: object) => {
      const { frames } = await readFrames(opencvSource({ device: still, ...options }))
      const { data, codedWidth = 0, codedHeight = 0, rotation } = frames[0]!
      expect(rotation).toBeUndefined()
      return { size: [codedWidth, codedHeight], corner: await cornerOf(data, codedWidth, codedHeight) }
    }
    expect(await corners({})).toEqual({ size: [128, 96], corner: 'top left' })
    expect(await corners({ rotation: 90 })).toEqual({ size: [96, 128], corner: 'top right' })
    expect(await corners({ rotation: 180 })).toEqual({ size: [128, 96], corner: 'bottom right' })
    expect(await corners({ rotation: 270 })).toEqual({ size: [96, 128], corner: 'bottom left' })
    expect(await corners({ flip: 'horizontal' })).toEqual({ size: [128, 96], corner: 'top right' })
    expect(await corners({ flip: 'vertical' })).toEqual({ size: [128, 96], corner: 'bottom left' })
    expect(await corners({ flip: 'both' })).toEqual({ size: [128, 96], corner: 'bottom right' })
    expect(await corners({ rotation: 90, flip: 'horizontal' })).toEqual({ size: [96, 128], corner: 'top left' })
  })

  it('makes smaller files at a lower quality', async () => {
    const [high, low] = await Promise.all(
      [95, 20].map((quality) => readFrames(opencvSource({ device: video, quality }), { max: 1 })),
    )
    expect(low?.frames[0]?.data.byteLength).toBeLessThan(high?.frames[0]?.data.byteLength ?? 0)
  })

  it.each([
    ['that does not exist', 'none.mp4', 'SNAPMINT_SOURCE_NOT_FOUND', 'check the path'],
    ['that a number was meant by', '0', 'SNAPMINT_SOURCE_NOT_FOUND', '`device: 0`, not a string'],
    ['that is a directory', 'folder', 'SNAPMINT_SOURCE_UNREADABLE', 'is a directory'],
    ['that is empty', 'empty.mp4', 'SNAPMINT_SOURCE_UNREADABLE', 'empty'],
    ['that is no video', 'text.mp4', 'SNAPMINT_SOURCE_UNREADABLE', 'no video'],
  ])('reports a file %s', async (_what, name, code, words) => {
    await mkdir(join(directory, 'folder'), { recursive: true })
    writeFileSync(join(directory, 'empty.mp4'), '')
    writeFileSync(join(directory, 'text.mp4'), 'once upon a time '.repeat(100))
    const read = await readFrames(opencvSource({ device: join(directory, name) }))
    expectFailure(read, { code, retryable: false })
    expect((read.error as Error).message).toContain(words)
  })

  it('takes the end of something live for a failure that may pass', async () => {
    const read = await readFrames(opencvSource({ device: video, live: true }))
    expect(read.frames.length).toBeGreaterThan(0)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
  })
})

describeWithOpencv('opencvSource on the network', () => {
  let camera: TestCamera | undefined
  beforeAll(async () => {
    camera = await startCamera()
  })
  afterAll(() => camera?.close())
  const url = (path: string) => camera?.url(path, 'admin:s3cret') ?? ''

  it('reads a camera that pushes pictures', async () => {
    const read = await readFrames(opencvSource({ device: url('/video?token=tok-1234') }), { max: 10 })
    expect(read.error).toBeUndefined()
    expect(read.frames).toHaveLength(10)
    for (const gap of gapsOf(read.frames)) expect(gap).toBeGreaterThan(0)
  })

  it('ends a next() that waits when it is aborted', async () => {
    const controller = new AbortController()
    const source = opencvSource({ device: url('/video?silentAfter=30'), intervalMs: 60_000, timeoutMs: 20_000 })
    const frames = source.frames(createContext(controller.signal))[Symbol.asyncIterator]()
    expect((await frames.next()).done).toBe(false)
    const waiting = frames.next()
    controller.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('takes the end of the stream for a failure that may pass', async () => {
    const read = await readFrames(opencvSource({ device: url('/video?frames=15&token=tok-1234') }))
    expect(read.frames.length).toBeGreaterThan(0)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
  })

  it.each([
    ['/status/401?token=tok-1234', 'SNAPMINT_SOURCE_UNAUTHORIZED', 30_000],
    ['/status/403', 'SNAPMINT_SOURCE_UNAUTHORIZED', 30_000],
    ['/status/404', 'SNAPMINT_SOURCE_UNAVAILABLE', undefined],
    ['/page', 'SNAPMINT_SOURCE_UNREADABLE', undefined],
  ])('tells why it cannot open %s', async (path, code, retryAfterMs) => {
    const read = await readFrames(opencvSource({ device: url(path), timeoutMs: 3000 }))
    expectFailure(read, { code, retryable: true, retryAfterMs })
    expect((read.error as Error).message).toContain('127.0.0.1')
  })

  it.each([
    ['401 Unauthorized', 'SNAPMINT_SOURCE_UNAUTHORIZED', 30_000],
    ['404 Not Found', 'SNAPMINT_SOURCE_UNAVAILABLE', undefined],
  ])('tells why an RTSP server gives no video: %s', async (status, code, retryAfterMs) => {
    const read = await readFrames(opencvSource({ device: camera?.rtspUrl(status, 'admin:s3cret') ?? '', timeoutMs: 3000 }))
    expectFailure(read, { code, retryable: true, retryAfterMs })
  })

  it('reports an RTSP server that says nothing', async () => {
    const device = `rtsp://admin:s3cret@127.0.0.1:${camera?.mutePort}/studio`
    const read = await readFrames(opencvSource({ device, timeoutMs: 300 }))
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it('reports a server that is not there', async () => {
    const read = await readFrames(opencvSource({ device: 'rtsp://admin:s3cret@127.0.0.1:9/studio?token=tok-1234' }))
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true, retryAfterMs: undefined })
    expect((read.error as Error).message).toContain('refused')
  })
})

/** Which corner of the picture is red. */
async function cornerOf(jpeg: Uint8Array, width: number, height: number): Promise<string> {
  const file = join(directory, 'turned.jpg')
  const raw = join(directory, 'turned.rgb')
  writeFileSync(file, jpeg)
  await runFfmpeg(['-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgb24', raw])
  const pixels = readFileSync(raw)
  const isRed = (x: number, y: number) => {
    const [red = 0, green = 255, blue = 255] = pixels.subarray(3 * (y * width + x))
    return red > 200 && green < 80 && blue < 80
  }
  const inset = 10
  const [right, bottom] = [width - inset, height - inset]
  const corners = { 'top left': [inset, inset], 'top right': [right, inset], 'bottom left': [inset, bottom] } as const
  return Object.entries(corners).find(([, [x, y]]) => isRed(x, y))?.[0] ?? (isRed(right, bottom) ? 'bottom right' : 'none')
}
