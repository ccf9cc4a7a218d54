import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPipeline, memoryJobs, memorySink } from '@snapmint/core'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { afterEach, expect, it } from 'vitest'
import { ffmpegSource } from '../dist/index.js'
import { countStarts } from './fixtures/count-starts.js'
import { describeWithFfmpeg } from './fixtures/ffmpeg-tool.js'
import { makeVideo } from './fixtures/make-video.js'
import { countProcesses, findProcesses, until } from './fixtures/processes.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const at = (name: string) => join(directory, name)
const noB = (keyEvery: number) => ['-bf', '0', '-g', String(keyEvery)]
const running: { stop(): Promise<unknown> }[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((pipeline) => pipeline.stop()))
})

describeWithFfmpeg('video that is kept as it came', () => {
  it('gives the picture of exactly the moment that the receipt names: at random, around key frames, and while runs are evicted', async () => {
    const LENGTH_MS = 2000
    const FRAME_MS = 40
    const input = await makeVideo({ path: at('runs.mp4'), frames: 50, frameRate: 25, outputOptions: noB(10) })
    const jobs = memoryJobs()
    const sink = memorySink()
    const pipeline = createPipeline({ source: ffmpegSource({ input, loop: true }), jobs, sink, history: { durationMs: 1500 } })
    running.push(pipeline)
    await pipeline.start()
    const { reader } = pipeline.history('camera')
    await until(() => reader.stats().evicted > 10, 'the history was full')
    const ids: string[] = []
    for (let wave = 0; wave < 12; wave++) {
      const infos = reader.latest(1000)
      expect(infos.every((info) => 'codec' in info)).toBe(true)
      const keys = infos.flatMap((info, index) => ('codec' in info && info.type === 'key' ? [index] : []))
      const around = keys.flatMap((index) => [infos[index - 1], infos[index], infos[index + 1]])
      // The oldest run, which may be evicted any moment.
      const chosen = [...infos.slice(0, 3), ...around].flatMap((info) => (info === undefined ? [] : [info.captureTime]))
      const random = Array.from({ length: 8 }, () => pipeline.now() - 1600 + Math.random() * 2000)
      for (const targetTime of [...chosen, ...random]) ids.push(jobs.add({ targetTime }))
      await sleep(40)
    }
    const outcomes = await Promise.all(ids.map((id) => jobs.outcome(id)))
    const phases = outcomes.map((outcome) => {
      if (outcome.status !== 'done') throw new Error(`Job ${outcome.id} failed: ${outcome.error.message}`)
      const { captureTime, uris } = outcome.receipt.frames[0]!
      const code = readTimeCodeFromJpeg(sink.objects.get(uris[0]!.slice('memory:'.length))!.data)
      if (code === undefined) throw new Error(`The picture of ${captureTime} has no legible time code`)
      return captureTime - code
    })
    const off = phases.map((phase) => {
      const rest = (((phase - phases[0]!) % LENGTH_MS) + LENGTH_MS) % LENGTH_MS
      return Math.min(rest, LENGTH_MS - rest)
    })
    // A neighbour would be off by a whole frame.
    expect(Math.max(...off)).toBeLessThan(FRAME_MS / 4)
  })

  it('answers two hundred moments of one run with a handful of processes', async () => {
    const counted = await countStarts(at('counted'))
    const input = await makeVideo({ path: at('long.mp4'), frames: 200, frameRate: 100, outputOptions: noB(200) })
    const jobs = memoryJobs()
    const sink = memorySink()
    const pipeline = createPipeline({
      sources: { camera: ffmpegSource({ input, ffmpegPath: counted.path }) },
      routes: [{ jobs, sinks: [sink], maxInFlight: 1000 }],
    })
    running.push(pipeline)
    await pipeline.start()
    const { reader } = pipeline.history('camera')
    await until(() => reader.stats().frames === 200, 'all of it was captured')
    const infos = reader.latest(200)
    const ids = infos.map(({ captureTime }) => jobs.add({ targetTime: captureTime }))
    const outcomes = await Promise.all(ids.map((id) => jobs.outcome(id)))
    const codes = outcomes.map((outcome) => {
      if (outcome.status !== 'done') throw new Error(`Job ${outcome.id} failed: ${outcome.error.message}`)
      const { captureTime, offsetMs, uris } = outcome.receipt.frames[0]!
      expect(offsetMs).toBe(0)
      return [captureTime, readTimeCodeFromJpeg(sink.objects.get(uris[0]!.slice('memory:'.length))!.data)]
    })
    expect(codes).toEqual(infos.map(({ captureTime }, index) => [captureTime, index * 10]))
    expect(counted.starts(/-f h264/)).toBeLessThanOrEqual(12)
  })

  it('says at once, and not with the first job, that there is no FFmpeg to decode with', async () => {
    const input = await makeVideo({ path: at('short.mp4'), frames: 10, frameRate: 25, outputOptions: noB(10) })
    const source = ffmpegSource({ input, ffmpegPath: at('nowhere') })
    const pipeline = createPipeline({ source, jobs: memoryJobs(), sink: memorySink() })
    running.push(pipeline)
    await expect(pipeline.start()).rejects.toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY' })
  })

  it.runIf(process.platform === 'linux').each(['SIGSTOP', 'SIGKILL'] as const)(
    'goes on with a new FFmpeg after %s of the old one',
    async (signal) => {
      const size = signal === 'SIGSTOP' ? '64x64' : '66x66'
      const text = `testsrc2=size=${size}:rate=25,realtime`
      const pipeline = createPipeline({
        sources: { camera: ffmpegSource({ input: text, inputFormat: 'lavfi', live: true }) },
        routes: [{ jobs: memoryJobs(), sinks: [memorySink()] }],
        capture: { stallMs: 1000, restart: { initialMs: 10, maxMs: 50 } },
      })
      running.push(pipeline)
      await pipeline.start()
      await until(() => countProcesses(text) > 0, 'ffmpeg ran')
      const first = findProcesses(text).map(({ pid }) => pid)
      for (const pid of first) process.kill(pid, signal)
      await until(() => findProcesses(text).some(({ pid }) => !first.includes(pid)), 'a new one ran')
      await until(() => first.every((pid) => findProcesses(text).every((found) => found.pid !== pid)), 'the old one was gone')
      const before = pipeline.status().sources.camera.history.pushed
      await until(() => pipeline.status().sources.camera.history.pushed > before, 'frames came again')
    },
  )
})
