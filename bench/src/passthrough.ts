import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchResult, judge } from './lib/bench.js'
import { benchSeconds } from './lib/settings.js'
import { median, pairedRatios, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'
import { ChildEnded, startChild } from './streams/child.js'
import { startFfmpegCopy } from './streams/ffmpeg-copy.js'
import { makeMaterial } from './streams/material.js'
import type { Look } from './streams/pipeline-look.js'
import { lostFrames } from './streams/pipeline-look.js'
import { treeCpuSeconds } from './streams/tree-cpu.js'

export const description =
  'processor time of a 1080p30 stream into the history as it comes, against FFmpeg -c copy and an OpenCV loop'

const ROUNDS = 4
/** The code is compiled, and the history full, before the clock runs: what counts is the month, and not the minute. */
const WARM_UP_MS = 90_000

interface Costs {
  /** Processor seconds per minute of stream, one for each round. */
  readonly pipeline: readonly number[]
  readonly ffmpeg: readonly number[]
  readonly opencv: readonly number[]
  readonly lost: number
  readonly formats: readonly string[]
}

/** Processor seconds per minute of each process, for each round. */
async function costsOf(pids: readonly number[], roundMs: number): Promise<number[][]> {
  const costs: number[][] = pids.map(() => [])
  for (let round = 0; round < ROUNDS; round++) {
    const from = { time: performance.now(), cpu: pids.map((pid) => treeCpuSeconds(pid)) }
    await sleep(roundMs)
    const minutes = (performance.now() - from.time) / 60_000
    for (const [index, pid] of pids.entries()) costs[index]!.push((treeCpuSeconds(pid) - from.cpu[index]!) / minutes)
  }
  return costs
}

/** Both read the same stream at the same time: what disturbs one disturbs the other. */
async function measurePair(input: string): Promise<Omit<Costs, 'opencv'>> {
  const pipeline = startChild('./pipeline-process.mjs', [input])
  const ffmpeg = startFfmpegCopy(input)
  try {
    await pipeline.message()
    await sleep(Math.min(WARM_UP_MS, benchSeconds(120) * 1000))
    const before = await pipeline.ask<Look>()
    const costs = await costsOf([pipeline.pid, ffmpeg.pid], benchSeconds(120) * (1000 / ROUNDS))
    const after = await pipeline.ask<Look>()
    return { pipeline: costs[0]!, ffmpeg: costs[1]!, lost: lostFrames(before, after), formats: after.formats }
  } finally {
    await Promise.all([pipeline.stop(), ffmpeg.stop()])
  }
}

/** Afterwards, and for less time: it would take a quarter of a processor from the others, and their caches. */
async function measureOpencv(input: string): Promise<readonly number[]> {
  const opencv = startChild('./opencv-process.mjs', [input])
  try {
    await opencv.message()
    await sleep(benchSeconds(120) * 50)
    return (await costsOf([opencv.pid], benchSeconds(120) * (200 / ROUNDS)))[0]!
  } finally {
    await opencv.stop()
  }
}

/** Says at once, and not after minutes, that there is no OpenCV. */
async function requireOpencv(): Promise<void> {
  const ended = await startChild('./opencv-process.mjs')
    .message()
    .catch((error: unknown) => error)
  if (ended instanceof ChildEnded && ended.exitCode === 0) return
  throw new Error('This benchmark needs @u4/opencv4nodejs: `npm run setup` builds it against the OpenCV of this machine')
}

function figuresOf(name: string, { pipeline, ffmpeg, opencv, lost }: Costs) {
  return {
    [`${name}CpuSecondsPerMinute`]: median(pipeline),
    [`${name}FfmpegCopyCpuSecondsPerMinute`]: median(ffmpeg),
    [`${name}OpencvCpuSecondsPerMinute`]: median(opencv),
    [`${name}TimesFfmpegCopy`]: median(pairedRatios(pipeline, ffmpeg)),
    [`${name}ShareOfOpencv`]: median(pairedRatios(pipeline, opencv)),
    [`${name}FramesLost`]: lost,
  }
}

export async function run(): Promise<BenchResult> {
  await requireOpencv()
  const material = await makeMaterial(['h264', 'jpegs'])
  const rtsp = startChild('./rtsp-server.mjs', [material.h264])
  const http = startChild('./mjpeg-server.mjs', [material.jpegs])
  try {
    const [rtspPort, httpPort] = (await Promise.all([rtsp.message(), http.message()])).map(
      (message) => (message as { port: number }).port,
    )
    const inputs = [`rtsp://127.0.0.1:${rtspPort}/0`, `http://127.0.0.1:${httpPort}/`]
    const pairs = await Promise.all(inputs.map(measurePair))
    const loops = await Promise.all(inputs.map(measureOpencv))
    const [h264, mjpeg] = pairs.map((pair, index) => ({ ...pair, opencv: loops[index]! })) as [Costs, Costs]
    const rows = (name: string, costs: Costs) => [
      [`${name}: pipeline (${costs.formats.join()})`, ...spread(costs.pipeline)],
      [`${name}: ffmpeg -c copy -f null -`, ...spread(costs.ffmpeg)],
      [`${name}: OpenCV, read and encode`, ...spread(costs.opencv)],
    ]
    printTable(
      ['1080p, 30 frames a second', 'CPU s/min', 'least', 'greatest'],
      [...rows('H.264, 4 Mbit/s, RTSP over TCP', h264), ...rows('MJPEG, HTTP', mjpeg)],
    )
    return judge(
      { ...figuresOf('h264', h264), ...figuresOf('mjpeg', mjpeg) },
      {
        h264TimesFfmpegCopy: { atMost: 1.5 },
        h264ShareOfOpencv: { atMost: 0.1 },
        h264FramesLost: { exactly: 0 },
        mjpegTimesFfmpegCopy: { atMost: 1.5 },
        mjpegShareOfOpencv: { atMost: 0.1 },
        mjpegFramesLost: { exactly: 0 },
      },
    )
  } finally {
    await Promise.all([rtsp.stop(), http.stop(), material.remove()])
  }
}
