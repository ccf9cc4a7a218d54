import { spawn } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startFfmpeg } from '../../src/ffmpeg/ffmpeg-process.js'
import { ffmpegSource } from '../../src/index.js'
import { writeFakeFfmpeg } from '../fixtures/fake-ffmpeg.js'
import { describeWithFfmpeg } from '../fixtures/ffmpeg-tool.js'
import { makeVideo } from '../fixtures/make-video.js'
import { countProcesses, findProcesses, until } from '../fixtures/processes.js'
import { createContext, readFrames } from '../fixtures/read-frames.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const at = (name: string) => join(directory, name)
/** For FFmpeg: as it is, this process would read it itself. */
const stream = { input: 'rtsp://admin:s3cret@127.0.0.1:9/x?token=tok-1234', encode: 'jpeg' } as const

describe('ffmpegSource without a usable ffmpeg', () => {
  it('says how to install it when it is missing', async () => {
    const { error } = await readFrames(ffmpegSource({ ...stream, ffmpegPath: at('nowhere') }))
    expect(error).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false })
    for (const words of ['was not found', 'apt install ffmpeg', 'brew install ffmpeg', 'winget install ffmpeg'])
      expect((error as Error).message).toContain(words)
  })

  it.each([
    ['ffmpeg version 4.4.2\nlibavutil      56. 70.100 / 56. 70.100', 'is FFmpeg 4.4.2, which is too old'],
    ['a program of the same name', 'does not answer'],
  ])('refuses a program that answers %j', async (version, words) => {
    const ffmpegPath = await writeFakeFfmpeg(at('wrong'), { version })
    const { error } = await readFrames(ffmpegSource({ ...stream, ffmpegPath }))
    expect(error).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false })
    expect((error as Error).message).toContain(words)
  })

  it('says that a file is no program', async () => {
    await writeFile(at('note.txt'), 'hello')
    await chmod(at('note.txt'), 0o644)
    const { error } = await readFrames(ffmpegSource({ ...stream, ffmpegPath: at('note.txt') }))
    expect((error as Error).message).toContain('may not be executed')
  })
})

describe('ffmpegSource with an ffmpeg that misbehaves', () => {
  it.each([
    [
      'writes an index that makes no sense',
      `require('fs').writeSync(3, 'hello\\n'); setInterval(() => {}, 1000)`,
      'index of pictures',
    ],
    [
      'writes no JPEG',
      `require('fs').writeSync(1, 'hello'); require('fs').writeSync(3, '0, 0, 0, 1, 5, 0x0\\n'); setInterval(() => {}, 1000)`,
      'no sequence of JPEG',
    ],
    [
      'announces pictures that never come',
      `for (let i = 0; i < 20000; i++) require('fs').writeSync(3, '0, 0, 0, 1, 5, 0x0\\n'); setInterval(() => {}, 1000)`,
      'announced pictures without writing them',
    ],
    [
      'announces a picture of a terabyte',
      `require('fs').writeSync(3, '0, 0, 0, 1, 1099511627776, 0x0\\n'); setInterval(() => {}, 1000)`,
      'index of pictures',
    ],
    [
      'floods its error output and fails',
      `for (let i = 0; i < 20000; i++) console.error('noise ' + i); process.exitCode = 3`,
      'exit code 3: noise 19999',
    ],
    [
      'shows the credentials',
      `console.error('cannot open ' + process.argv.find((a) => a.startsWith('rtsp')) + ' with s3cret'); process.exitCode = 1`,
      'rtsp://***@127.0.0.1:9/x?***',
    ],
  ])('reports one that %s', async (name, body, words) => {
    const ffmpegPath = await writeFakeFfmpeg(at(`fake-${name.length}`), { body })
    const { error } = await readFrames(ffmpegSource({ ...stream, ffmpegPath }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: true })
    expect((error as Error).message).toContain(words)
    expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toMatch(/s3cret|tok-1234/)
    expect(countProcesses(ffmpegPath)).toBe(0)
  })

  it.each(['h264', 'hevc', 'mjpeg'])('delivers nothing of %s that is garbage, and says that nothing came', async (codec) => {
    const ffmpegPath = await writeFakeFfmpeg(at(`garbage-${codec}`), {
      body: `const { writeSync } = require('fs')
        writeSync(3, '#extradata 0: 44, 0x1\\n#tb 0: 1/90000\\n#codec_id 0: ${codec}\\n')
        for (let i = 0; i < 500; i++) {
          const bytes = Buffer.from(Array.from({ length: 100 + i }, (_, n) => (n < 4 ? [0, 0, 0, 1][n] : (n * 7919 * i) % 251)))
          if (i % 3 === 0) bytes[0] = 1
          writeSync(1, bytes)
          writeSync(3, '0, ' + i + ', ' + i + ', 1, ' + bytes.length + ', 0x0\\n')
        }`,
    })
    const { frames, error } = await readFrames(ffmpegSource({ input: `tcp://127.0.0.1:9/${codec}`, ffmpegPath }))
    expect(frames).toEqual([])
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
  })

  it('reports one that is killed as a crash', async () => {
    const ffmpegPath = await writeFakeFfmpeg(at('killed'), { body: `process.kill(process.pid, 'SIGKILL')` })
    expect((await readFrames(ffmpegSource({ ...stream, ffmpegPath }))).error).toMatchObject({
      code: 'SNAPMINT_SOURCE_CRASHED',
      retryable: true,
    })
  })

  it('kills one that does not heed SIGTERM', async () => {
    const path = await writeFakeFfmpeg(at('deaf'), {
      body: `process.on('SIGTERM', () => {}); console.error('ready'); setInterval(() => {}, 1000)`,
    })
    const process = startFfmpeg({ path, arguments: ['x'], onPacket: () => {}, killAfterMs: 30 })
    await until(() => countProcesses(path) === 1, 'it ran')
    await process.stop()
    expect(await process.exited).toMatchObject({ code: null })
    expect(countProcesses(path)).toBe(0)
  })
})

describe.runIf(process.platform === 'linux')('ffmpegSource and signals', () => {
  afterEach(() => void vi.useRealTimers())

  it('runs ffmpeg out of reach of the Ctrl-C that ends its parent', async () => {
    const path = await writeFakeFfmpeg(at('grouped'), { body: 'setInterval(() => {}, 1000)' })
    const child = startFfmpeg({ path, arguments: ['x'], onPacket: () => {} })
    await until(() => findProcesses(path).length === 1, 'it ran')
    const [found] = findProcesses(path)
    expect(found?.group).toBe(found?.pid)
    await child.stop()
    expect(findProcesses(path)).toEqual([])
  })

  it('ends within half of the grace after an abort, even if ffmpeg hangs', async () => {
    const ffmpegPath = await writeFakeFfmpeg(at('stopped'), { body: `process.kill(process.pid, 'SIGSTOP')` })
    const controller = new AbortController()
    const run = ffmpegSource({ ...stream, ffmpegPath })
      .frames(createContext(controller.signal))
      [Symbol.asyncIterator]()
    const waiting = run.next()
    await until(() => findProcesses(ffmpegPath).some(({ state }) => state === 'T'), 'it hung')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    controller.abort()
    // Time then stands still, at half of the 2000 ms that core waits: an end that was planned for later would never come.
    vi.advanceTimersByTime(1000)
    expect((await waiting).done).toBe(true)
    expect(findProcesses(ffmpegPath)).toEqual([])
  })
})

describeWithFfmpeg('the end of a run', () => {
  const video = at('a-name-of-its-own.mp4')
  const source = () => ffmpegSource({ input: video, loop: true })
  beforeAll(async () => {
    await makeVideo({ path: video, frames: 50, frameRate: 25 })
  })

  it('leaves no process and no listener when the signal aborts while a frame is awaited', async () => {
    const controller = new AbortController()
    const run = source().frames(createContext(controller.signal))[Symbol.asyncIterator]()
    await run.next()
    const waiting = [run.next(), run.next(), run.next()]
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    controller.abort(new Error('enough'))
    expect((await Promise.all(waiting)).at(-1)?.done).toBe(true)
    expect(countProcesses(video)).toBe(0)
    expect((await run.next()).done).toBe(true)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('leaves no listener when the recording or the run ends', async () => {
    const { signal } = new AbortController()
    for await (const frame of ffmpegSource({ input: video, frameRate: 2 }).frames(createContext(signal)))
      expect(frame.data.byteLength).toBeGreaterThan(0)
    const failing = ffmpegSource({ input: at('none.mp4') }).frames(createContext(signal))
    await expect(failing[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_NOT_FOUND' })
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('leaves no process when return() is called while a frame is awaited', async () => {
    const run = source().frames(createContext(new AbortController().signal))[Symbol.asyncIterator]()
    await run.next()
    const waiting = Promise.all([run.next(), run.next(), run.next()])
    await run.return?.()
    expect((await waiting).at(-1)?.done).toBe(true)
    expect(countProcesses(video)).toBe(0)
  })

  it('starts nothing before the first next(), nor under a signal that was aborted', async () => {
    const controller = new AbortController()
    const run = source().frames(createContext(controller.signal))[Symbol.asyncIterator]()
    expect(countProcesses(video)).toBe(0)
    controller.abort()
    expect((await run.next()).done).toBe(true)
    expect(countProcesses(video)).toBe(0)
  })

  it.runIf(process.platform === 'linux')('reports an ffmpeg that somebody else told to end as a crash', async () => {
    const input = 'testsrc2=size=64x64:rate=25,realtime'
    const run = ffmpegSource({ input, inputFormat: 'lavfi' }).frames(createContext(new AbortController().signal))
    const read = async () => {
      for await (const { captureTime } of run) {
        expect(captureTime).toBeGreaterThan(0)
        for (const { pid } of findProcesses(input)) process.kill(pid, 'SIGTERM')
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_CRASHED', retryable: true })
  })

  it('is not outlived by ffmpeg when the process that reads is killed', async () => {
    const module = new URL('../../dist/index.js', import.meta.url).href
    const code = `import { ffmpegSource } from ${JSON.stringify(module)}
      const context = { signal: new AbortController().signal, now: () => performance.timeOrigin + performance.now(), allocate: (n) => new Uint8Array(n) }
      for await (const frame of ffmpegSource({ input: process.argv[1], loop: true }).frames(context)) console.log(frame.captureTime)`
    const reader = spawn(process.execPath, ['--input-type=module', '-e', code, video], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => reader.stdout.once('data', resolve))
    expect(countProcesses(`file:${video}`)).toBe(1)
    reader.kill('SIGKILL')
    await until(() => countProcesses(`file:${video}`) === 0, 'ffmpeg had ended')
  })

  it('is not outlived by ffmpeg when the worker that reads is terminated', async () => {
    const module = new URL('../../dist/ffmpeg-host.js', import.meta.url).href
    const code = `const { parentPort, workerData } = require('node:worker_threads')
      import(${JSON.stringify(module)}).then(async ({ default: createSource }) => {
        const context = { signal: new AbortController().signal, now: () => performance.timeOrigin + performance.now(), allocate: (n) => new Uint8Array(n) }
        for await (const frame of createSource(workerData).frames(context)) parentPort.postMessage(frame.captureTime)
      })`
    const worker = new Worker(code, { eval: true, workerData: { input: video, loop: true } })
    await new Promise((resolve) => worker.once('message', resolve))
    expect(countProcesses(`file:${video}`)).toBe(1)
    await worker.terminate()
    await until(() => countProcesses(`file:${video}`) === 0, 'ffmpeg had ended')
  })
})
