import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Frame, VideoChunk } from '@snapmint/core/adapter'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { createStillDecoder } from '../src/decode/still-decoder.js'
import { ffmpegSource } from '../src/index.js'
import { describeWithFfmpeg, runFfmpeg, startPublisher } from './fixtures/ffmpeg-tool.js'
import { freeUdpPort } from './fixtures/free-port.js'
import { makeVideo } from './fixtures/make-video.js'
import { startHttpServer } from './fixtures/mjpeg-server.js'
import { countProcesses, findProcesses } from './fixtures/processes.js'
import { gapsOf, type Read, readFrames } from './fixtures/read-frames.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const at = (name: string) => join(directory, name)
const decoder = createStillDecoder()
const cleanUps: (() => Promise<unknown>)[] = []
const FRAME_MS = 40
/** A machine that is busy sends and reads late, and unevenly. */
const JITTER_MS = 150

afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

/** Sends a recording in real time, from `url` on; starts it again and again, for UDP and SRT have nobody listening at first. */
function publish(name: string, format: string, url: string): void {
  const publisher = startPublisher(['-re', '-stream_loop', '-1', '-i', at(name), '-c', 'copy', '-f', format, url])
  cleanUps.push(publisher.stop)
}

/** Retries while the publisher is not listening yet. */
async function play(input: string, max: number, options = {}): Promise<Read> {
  for (let attempt = 0; ; attempt++) {
    const read = await readFrames(ffmpegSource({ input, timeoutMs: 20_000, ...options }), { max })
    if (read.frames.length > 0 || attempt >= 20) return read
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function codesOf(frames: readonly Frame[]): Promise<number[]> {
  const stills = frames.map((frame, index) => {
    if (!('codec' in frame)) return frame
    const key = frames.findLastIndex((other, place) => place <= index && 'codec' in other && other.type === 'key')
    const run = frames.slice(key, index + 1) as VideoChunk<ArrayBuffer>[]
    return decoder.decode(run, { signal: new AbortController().signal })
  })
  return (await Promise.all(stills)).map(({ data }) => {
    const code = readTimeCodeFromJpeg(data)
    if (code === undefined) throw new Error('The picture has no legible time code')
    return code
  })
}

/** How much captureTime and the time that the picture shows drift apart, in ms. */
async function spread(frames: readonly Frame[]): Promise<number> {
  const codes = await codesOf(frames)
  const starts = frames.map(({ captureTime }, index) => captureTime - (codes[index] as number))
  return Math.max(...starts) - Math.min(...starts)
}

describeWithFfmpeg('ffmpegSource on a live stream that it does not encode', () => {
  beforeAll(async () => {
    const video = { frames: 1000, frameRate: 1000 / FRAME_MS }
    await makeVideo({ ...video, path: at('plain.ts'), outputOptions: ['-bf', '0', '-g', '25'] })
    await makeVideo({ ...video, path: at('b.ts'), outputOptions: ['-g', '25'] })
  }, 120_000)

  it.each([
    ['SRT', 'mpegts', (port: number) => [`srt://127.0.0.1:${port}?mode=listener`, `srt://127.0.0.1:${port}`]],
    ['UDP', 'mpegts', (port: number) => [`udp://127.0.0.1:${port}?pkt_size=1316`, `udp://127.0.0.1:${port}`]],
    ['RTMP', 'flv', (port: number) => [`rtmp://127.0.0.1:${port}/live/x -listen`, `rtmp://127.0.0.1:${port}/live/x`]],
  ])('dates video over %s by its own times, what came at once at the start too', async (_name, format, urls) => {
    const [to = '', from = ''] = urls(await freeUdpPort())
    if (to.endsWith(' -listen')) {
      const url = to.slice(0, -' -listen'.length)
      const publisher = startPublisher(['-re', '-i', at('plain.ts'), '-c', 'copy', '-f', format, '-listen', '1', url])
      cleanUps.push(publisher.stop)
    } else publish('plain.ts', format, to)
    const { frames, aheadMs, notices } = await play(from, 60)
    expect(notices).toEqual([])
    expect(frames).toHaveLength(60)
    expect(frames[0]).toMatchObject({ type: 'key', codec: expect.stringMatching(/^avc1/) })
    expect(Math.max(...aheadMs)).toBeLessThanOrEqual(0)
    for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0)
    const codes = await codesOf(frames)
    expect(codes.slice(1).map((code, index) => code - (codes[index] as number))).toEqual(new Array(59).fill(FRAME_MS))
    expect(await spread(frames)).toBeLessThan(JITTER_MS)
  })

  it('encodes a live stream with B-frames from its first picture on, in the right order', async () => {
    const port = await freeUdpPort()
    publish('b.ts', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`)
    const source = { input: `udp://127.0.0.1:${port}`, timeoutMs: 20_000 }
    const { frames, notices } = await readFrames(ffmpegSource(source), { max: 30 })
    expect(notices).toEqual([expect.stringContaining('B-frames')])
    expect(frames.every((frame) => 'mimeType' in frame)).toBe(true)
    const codes = await codesOf(frames)
    expect(codes).toEqual(codes.toSorted((a, b) => a - b))
    const again = await readFrames(ffmpegSource(source), { max: 1 })
    expect(again.notices).toEqual([expect.stringContaining('B-frames')])
  })

  it.runIf(process.platform === 'linux')('reports an ffmpeg that is killed, and plays again in the next run', async () => {
    const port = await freeUdpPort()
    publish('plain.ts', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`)
    const input = `udp://127.0.0.1:${port}`
    let killed = false
    const read = async () => {
      for await (const frame of ffmpegSource({ input }).frames({
        signal: new AbortController().signal,
        now: () => performance.timeOrigin + performance.now(),
        allocate: (size) => new Uint8Array(size),
      })) {
        expect(frame.captureTime).toBeGreaterThan(0)
        if (killed) continue
        killed = true
        for (const { pid } of findProcesses(`-i\0${input}\0`)) process.kill(pid, 'SIGKILL')
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_CRASHED', retryable: true })
    expect(countProcesses(`-i\0${input}\0`)).toBe(0)
    expect((await readFrames(ffmpegSource({ input }), { max: 2 })).frames).toHaveLength(2)
  })

  it('plays HLS: a recording to its end, and a live playlist as it grows', async () => {
    await mkdir(at('hls'))
    const segments = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', '-hls_segment_filename', at('hls/%d.ts')]
    await runFfmpeg(['-t', '4', '-i', at('plain.ts'), '-c', 'copy', ...segments, at('hls/all.m3u8')])
    const whole = readFileSync(at('hls/all.m3u8'), 'utf8')
    const firstThree = `${whole.split('#EXTINF').slice(0, 4).join('#EXTINF')}`
    let requests = 0
    const server = await startHttpServer((request, response) => {
      if (request.url?.endsWith('live.m3u8')) {
        requests += 1
        response.end(requests > 1 ? whole : firstThree)
      } else response.end(readFileSync(join(at('hls'), request.url ?? '')))
    })
    cleanUps.push(server.close)
    const recorded = await readFrames(ffmpegSource({ input: `http://127.0.0.1:${server.port}/all.m3u8`, live: false }))
    expect(recorded.error).toBeUndefined()
    expect(await codesOf(recorded.frames)).toEqual(Array.from({ length: 100 }, (_, index) => index * FRAME_MS))
    for (const gap of gapsOf(recorded.frames)) expect(gap).toBeCloseTo(FRAME_MS, 1)
    const live = await readFrames(ffmpegSource({ input: `http://127.0.0.1:${server.port}/live.m3u8` }))
    expect(live.error).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
    expect(requests).toBeGreaterThan(1)
    expect(await codesOf(live.frames)).toEqual(Array.from({ length: 100 }, (_, index) => index * FRAME_MS))
  })
})

describeWithFfmpeg('ffmpegSource on a screen', () => {
  it('grabs an X11 screen in the size and at the rate that is asked for', async () => {
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '640x480x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    cleanUps.push(() => new Promise((resolve) => server.once('exit', resolve) && server.kill()))
    const display = await new Promise<string>((resolve, reject) => {
      server.on('error', reject)
      server.stdio[3]?.once('data', (text: Buffer) => resolve(text.toString().trim()))
    })
    const startedAt = Date.now()
    const options = { inputFormat: 'x11grab', width: 320, height: 240, frameRate: 20 }
    const { frames, notices, error } = await readFrames(ffmpegSource({ input: `:${display}.0`, ...options }), { max: 10 })
    expect([error, notices]).toEqual([undefined, []])
    expect(frames[0]).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 320, codedHeight: 240 })
    for (const { captureTime } of frames) expect(captureTime).toBeGreaterThan(startedAt)
    for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0)
  })

  it('says that a display is not there', async () => {
    const { error } = await readFrames(ffmpegSource({ input: ':4711', inputFormat: 'x11grab' }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })
})
