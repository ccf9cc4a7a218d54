import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPipeline, memoryJobs, memorySink } from '@snapmint/core'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { expect, it } from 'vitest'
import { ffmpegSource } from '../dist/index.js'
import { describeWithFfmpeg } from './fixtures/ffmpeg-tool.js'
import { makeVideo } from './fixtures/make-video.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const JOBS = 300
const LENGTH_MS = 2_000
const FRAME_MS = 40

describeWithFfmpeg('honesty of a file played in a loop', () => {
  const directory = temporaryDirectory()

  it('delivers, for random moments past and coming, the closest frame, whose burned-in time agrees with the receipt within one frame', async () => {
    const input = await makeVideo({
      path: join(directory, 'codes.mp4'),
      frames: LENGTH_MS / FRAME_MS,
      frameRate: 1000 / FRAME_MS,
    })
    const jobs = memoryJobs()
    const sink = memorySink()
    await using pipeline = createPipeline({
      source: ffmpegSource({ input, loop: true }),
      jobs,
      sink,
      history: { durationMs: 600_000 },
    })
    await pipeline.start()
    await sleep(2_500)
    const ids = Array.from({ length: JOBS }, () => jobs.add({ targetTime: pipeline.now() - 2_500 + Math.random() * 5_500 }))
    const outcomes = await Promise.all(ids.map((id) => jobs.outcome(id)))

    const times = pipeline
      .history('camera')
      .reader.range(0, Number.POSITIVE_INFINITY)
      .map((frame) => frame.captureTime)
    const phases = outcomes.map((outcome) => {
      if (outcome.status !== 'done') throw new Error(`Job ${outcome.id} failed: ${outcome.error.message}`)
      const { captureTime, targetTime, uris } = outcome.receipt.frames[0]!
      const best = Math.min(...times.map((time) => Math.abs(time - targetTime)))
      expect(Math.abs(captureTime - targetTime)).toBe(best)
      const code = readTimeCodeFromJpeg(sink.objects.get(uris[0]!.slice('memory:'.length))!.data)
      if (code === undefined) throw new Error(`The picture of ${captureTime} has no legible time code`)
      return captureTime - code
    })
    // Where in its loop the file was when the first picture was taken; the same for every picture, whole rounds apart.
    const off = phases.map((phase) => {
      const rest = (((phase - phases[0]!) % LENGTH_MS) + LENGTH_MS) % LENGTH_MS
      return Math.min(rest, LENGTH_MS - rest)
    })
    expect(Math.max(...off)).toBeLessThan(FRAME_MS)
    expect(new Set(phases.map((phase) => Math.round(phase / LENGTH_MS))).size).toBeGreaterThan(1)
  })
})
