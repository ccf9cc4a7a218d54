import { createPipeline, memoryJobs, memorySink } from '@snapmint/core'
import { afterEach, expect, it } from 'vitest'
import { ffmpegSource } from '../../src/index.js'
import { decodeChunks } from '../fixtures/encoded-stream.js'
import { describeWithFfmpeg, startPublisher } from '../fixtures/ffmpeg-tool.js'
import { until } from '../fixtures/processes.js'
import { gapsOf, type Read, readFrames } from '../fixtures/read-frames.js'
import { type RelayOptions, type RtspRelay, startRtspRelay } from '../fixtures/rtsp-relay.js'

const secrets = /s3cret|tok-1234|admin/
const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

interface Publish {
  readonly size?: string
  readonly encoder?: readonly string[]
  /** Not slowed down to real time. */
  readonly flood?: boolean
}

const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '10']
const h265 = [
  '-c:v',
  'libx265',
  '-preset',
  'ultrafast',
  '-x265-params',
  'keyint=10:bframes=0:log-level=none:pools=1:frame-threads=1',
]
/** Parameter sets travel before every key, as with most cameras. */
const inBand = ['-bsf:v', 'dump_extra=freq=keyframe']

function publish(port: number, { size = '320x180', encoder = [...h264, ...inBand], flood = false }: Publish = {}) {
  const picture = [...(flood ? [] : ['-re']), '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=20`, '-pix_fmt', 'yuv420p']
  const target = ['-threads', '1', '-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://127.0.0.1:${port}/studio`]
  const publisher = startPublisher([...picture, ...encoder, ...target])
  cleanUps.push(publisher.stop)
  return publisher
}

async function startCamera(options: RelayOptions & Publish = {}): Promise<RtspRelay> {
  const relay = await startRtspRelay(options)
  cleanUps.push(relay.close)
  publish(relay.port, options)
  await until(() => relay.has('studio'), 'the stream was published')
  return relay
}

const urlOf = ({ port }: RtspRelay, userinfo = '') => `rtsp://${userinfo}127.0.0.1:${port}/studio`

/** The times rise and do not lie ahead, the first chunk is a key, and FFmpeg decodes a picture of every chunk without a complaint. */
async function expectWhole({ frames, aheadMs }: Pick<Read, 'frames' | 'aheadMs'>): Promise<void> {
  for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0)
  expect(Math.max(...aheadMs)).toBeLessThanOrEqual(0)
  expect(frames[0]).toMatchObject({ type: 'key' })
  expect(await decodeChunks(frames)).toEqual({ pictures: frames.length, complaints: '' })
}

describeWithFfmpeg('an RTSP camera', () => {
  it.each([
    ['H.264 in the control connection', { encoder: [...h264, ...inBand] }, {}, /^avc1\.42c0/],
    ['H.264 by datagrams', { encoder: [...h264, ...inBand] }, { rtspTransport: 'udp' }, /^avc1\.42c0/],
    ['H.264 with parameter sets in the description only', { encoder: h264 }, {}, /^avc1\.42c0/],
    ['H.265 in the control connection', { encoder: h265 }, {}, /^hvc1\.1\.6\./],
    ['H.265 by datagrams', { encoder: h265 }, { rtspTransport: 'udp' }, /^hvc1\.1\.6\./],
  ] as const)('is kept as it comes: %s', async (_name, published, options, codec) => {
    const relay = await startCamera(published)
    const read = await readFrames(ffmpegSource({ input: urlOf(relay), ...options }), { max: 30 })
    expect(read.error).toBeUndefined()
    await expectWhole(read)
    for (const frame of read.frames)
      expect(frame).toMatchObject({ codec: expect.stringMatching(codec), codedWidth: 320, codedHeight: 180 })
    expect(read.frames.filter((frame) => 'type' in frame && frame.type === 'key').length).toBeGreaterThanOrEqual(3)
    await until(() => relay.requests.at(-1) === 'TEARDOWN', 'the camera was told farewell')
  })

  it.each([
    ['tcp', 'udp'],
    ['udp', 'tcp'],
  ] as const)('that sends by %s only is read though %s was asked for', async (offered, rtspTransport) => {
    const relay = await startCamera({ transports: [offered] })
    await expectWhole(await readFrames(ffmpegSource({ input: urlOf(relay), rtspTransport }), { max: 5 }))
    expect(relay.requests.slice(0, 4)).toEqual(['DESCRIBE', 'SETUP', 'SETUP', 'PLAY'])
  })

  it.each([
    ['basic', 'MD5'],
    ['digest', 'MD5'],
    ['digest', 'SHA-256'],
  ] as const)('that wants to know who asks is told, by %s with %s, and nonces may wear out', async (scheme, algorithm) => {
    const relay = await startCamera({ guard: { credentials: 'admin:s3 cret/é', scheme, algorithm, nonceUses: 2 } })
    const read = await readFrames(ffmpegSource({ input: urlOf(relay, 'admin:s3%20cret%2F%C3%A9@') }), { max: 3 })
    await expectWhole(read)
    expect(relay.requests.filter((method) => method === 'DESCRIBE')).toHaveLength(2)
  })

  it('is not asked again and again with wrong credentials, which nobody gets to read', async () => {
    const relay = await startCamera({ guard: { credentials: 'admin:right', scheme: 'digest' } })
    const wrong = await readFrames(ffmpegSource({ input: `${urlOf(relay, 'admin:s3cret@')}?token=tok-1234` }))
    expect(wrong.error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED', retryable: true, retryAfterMs: 30_000 })
    expect(JSON.stringify(wrong.error) + String((wrong.error as Error).stack)).not.toMatch(secrets)
    const none = await readFrames(ffmpegSource({ input: urlOf(relay) }))
    expect(none.error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
    expect(relay.requests).toEqual(['DESCRIBE', 'DESCRIBE', 'DESCRIBE'])
  })

  it.each(['tcp', 'udp'] as const)(
    'that loses packets (%s) delivers whole pictures only, and says what was left out',
    async (rtspTransport) => {
      const relay = await startCamera({ size: '640x360' })
      relay.dropEvery(61)
      const read = await readFrames(ffmpegSource({ input: urlOf(relay), rtspTransport }), { max: 40 })
      await expectWhole(read)
      const spanMs = (read.frames.at(-1)?.captureTime ?? 0) - (read.frames[0]?.captureTime ?? 0)
      // 20 pictures a second: some are missing.
      expect(spanMs).toBeGreaterThan(40 * 50)
      expect(read.notices.join()).toMatch(/lost \d+ packets on the way; \d+ pictures that needed them were left out/)
    },
  )

  it('that changes its size in the middle is followed, with the size and the parameter sets of each chunk', async () => {
    const relay = await startRtspRelay()
    cleanUps.push(relay.close)
    const first = publish(relay.port)
    await until(() => relay.has('studio'), 'the stream was published')
    const reading = readFrames(ffmpegSource({ input: urlOf(relay) }), { max: 60 })
    await until(() => relay.viewers('studio') > 0, 'the source was connected')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await first.stop()
    await until(() => !relay.has('studio'), 'the first publisher was gone')
    publish(relay.port, { size: '640x360' })
    const { frames, aheadMs, error } = await reading
    expect(error).toBeUndefined()
    const turn = frames.findIndex(({ codedWidth }) => codedWidth === 640)
    expect(turn).toBeGreaterThan(0)
    await expectWhole({ frames: frames.slice(0, turn), aheadMs })
    await expectWhole({ frames: frames.slice(turn), aheadMs })
    for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0)
  })

  it('whose stream is replaced by one with unknown parameter sets is asked anew', async () => {
    const relay = await startRtspRelay()
    cleanUps.push(relay.close)
    const first = publish(relay.port, { encoder: h264 })
    await until(() => relay.has('studio'), 'the stream was published')
    const source = ffmpegSource({ input: urlOf(relay) })
    const reading = readFrames(source)
    await until(() => relay.viewers('studio') > 0, 'the source was connected')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await first.stop()
    publish(relay.port, { encoder: h264, size: '640x360' })
    const { frames, error } = await reading
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
    expect(frames.every(({ codedWidth }) => codedWidth === 320)).toBe(true)
    const again = await readFrames(source, { max: 3 })
    expect(again.frames[0]).toMatchObject({ codedWidth: 640, codedHeight: 360 })
    await expectWhole(again)
  })

  it.each([
    ['B-frames of H.264', ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-b_strategy', '0', '-g', '10'], /B-frames/],
    ['VP8', ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '10'], /VP8/],
    ['MPEG-4', ['-c:v', 'mpeg4'], /MP4V/],
    ['JPEG', ['-c:v', 'mjpeg', '-huffman', 'default', '-pix_fmt', 'yuvj420p'], /JPEG/],
  ] as const)('that sends what cannot be kept as it comes is read by FFmpeg: %s', async (_name, encoder, why) => {
    const relay = await startCamera({ encoder })
    const read = await readFrames(ffmpegSource({ input: urlOf(relay) }), { max: 3 })
    expect(read.error).toBeUndefined()
    expect(read.frames).toHaveLength(3)
    for (const frame of read.frames) expect(frame).toMatchObject({ mimeType: 'image/jpeg' })
    expect(read.notices.join()).toMatch(/is read by FFmpeg, for /)
    expect(read.notices.join()).toMatch(why)
  })

  it('that floods costs a bounded amount of memory: the oldest frames go', async () => {
    const relay = await startCamera({ flood: true, size: '640x360', encoder: [...h264, ...inBand, '-b:v', '20M'] })
    const notices: string[] = []
    const source = ffmpegSource({ input: urlOf(relay), maxQueueBytes: 2 ** 20 })
    const now = () => performance.timeOrigin + performance.now()
    const { signal } = new AbortController()
    const run = source
      .frames({ signal, now, allocate: (size) => new Uint8Array(size), notice: (text) => void notices.push(text) })
      [Symbol.asyncIterator]()
    const first = await run.next()
    await until(() => notices.some((text) => text.includes('were dropped')), 'frames were dropped')
    const next = await run.next()
    expect(next.value.captureTime).toBeGreaterThan(first.value.captureTime)
    expect(next.value).toMatchObject({ type: 'key' })
    await run.return?.()
  })

  it('that dies is read again soon after it is back, and no moment comes twice', async () => {
    const relay = await startCamera()
    const source = ffmpegSource({ input: urlOf(relay) })
    const { host: _, ...inline } = source
    const pipeline = createPipeline({ source: inline, jobs: memoryJobs(), sink: memorySink(), history: { durationMs: 600_000 } })
    const codes: string[] = []
    const rejected: string[] = []
    pipeline.on('source:restarting', ({ error }) => void codes.push(error.code))
    pipeline.on('frame:rejected', ({ error }) => void rejected.push(error.code))
    cleanUps.push(() => pipeline.stop())
    await pipeline.start()
    const frames = () => pipeline.history('camera').reader.range(0, Number.POSITIVE_INFINITY)
    await until(() => frames().length > 10, 'frames came')
    await relay.close()
    await until(() => codes.length >= 4, 'the source was tried again')
    const before = frames().length
    await startCamera({ port: relay.port })
    const backAt = performance.now()
    await until(() => frames().length > before, 'frames came again')
    const tookMs = performance.now() - backAt
    const times = frames().map(({ captureTime }) => captureTime)
    expect(new Set(times).size).toBe(times.length)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(rejected).toEqual([])
    expect([...new Set(codes)].sort()).toEqual(expect.arrayContaining(['SNAPMINT_SOURCE_ENDED', 'SNAPMINT_SOURCE_UNAVAILABLE']))
    // The promise is 3 s on a machine that has the time; the pause between two attempts is 2 s at most.
    expect(tookMs).toBeLessThan(15_000)
  })

  it('whose connection is reset in the middle of a picture ends the run, which may be tried again', async () => {
    const relay = await startCamera()
    const reading = readFrames(ffmpegSource({ input: urlOf(relay) }))
    await until(() => relay.viewers('studio') > 0, 'the source was connected')
    await new Promise((resolve) => setTimeout(resolve, 800))
    relay.resetViewers()
    const read = await reading
    expect(read.error).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
    await expectWhole(read)
  })

  it('that falls silent ends the run after the time that was asked for', async () => {
    const relay = await startCamera()
    const reading = readFrames(ffmpegSource({ input: urlOf(relay), timeoutMs: 1000 }))
    await until(() => relay.viewers('studio') > 0, 'the source was connected')
    await new Promise((resolve) => setTimeout(resolve, 800))
    relay.silence(true)
    const read = await reading
    expect(read.error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    expect((read.error as Error).message).toContain('sent no media for 1000 ms')
    await expectWhole(read)
  })
})
