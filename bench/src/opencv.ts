import { execFileSync, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createPipeline } from '@snapmint/core'
import { opencvSource } from '@snapmint/source-opencv'
import { type BenchResult, judge } from './lib/bench.js'
import { median, pairedRatios, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'

export const description =
  '1080p read and encoded by @snapmint/source-opencv into a history, against a bare readAsync + imencodeAsync loop'

const FRAMES = 400
const ROUNDS = 11
const QUALITY = 90

interface Rate {
  readonly frames: number
  readonly framesPerSecond: number
}

function makeVideo(path: string): void {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=30', '-frames:v', String(FRAMES)]
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p']
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...picture, ...codec, path])
}

/** Through the adapter: a forked child, its messages, the capture thread, the history. Dated when read, so that the times say how long it took. */
async function adapterRate(video: string): Promise<Rate> {
  const source = opencvSource({ device: video, live: true, quality: QUALITY })
  await using pipeline = createPipeline({ sources: { camera: source }, history: { maxBytes: 256 * 2 ** 20 } })
  const ended = new Promise<void>((resolve) => pipeline.on('source:restarting', () => resolve()))
  await pipeline.start()
  await ended
  const times = pipeline.history('camera').reader.range(0, Number.POSITIVE_INFINITY)
  const spanMs = times.at(-1)!.captureTime - times[0]!.captureTime
  return { frames: times.length, framesPerSecond: ((times.length - 1) * 1000) / spanMs }
}

function bareRate(video: string): Promise<Rate> {
  const { env } = opencvSource({ device: video }).host!
  const main = createRequire(import.meta.resolve('@snapmint/source-opencv')).resolve('@u4/opencv4nodejs')
  const addon = join(dirname(main), '..', '..', 'build', 'Release', 'opencv4nodejs.node')
  const argument = JSON.stringify({ addon, video, quality: QUALITY })
  const child = fork(new URL('./opencv/bare-loop.mjs', import.meta.url), [argument], {
    execArgv: [],
    env: { ...process.env, ...env },
  })
  return new Promise((resolve, reject) => {
    child.on('message', (rate) => resolve(rate as Rate))
    child.on('exit', (code) => reject(new Error(`The bare loop ended with ${code}; npm run setup builds what it needs`)))
  })
}

export async function run(): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'snapmint-bench-opencv-'))
  const video = join(directory, 'video.mp4')
  const adapter: Rate[] = []
  const bare: Rate[] = []
  try {
    makeVideo(video)
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await bareRate(video))
      adapter.push(await adapterRate(video))
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const perSecond = (rates: readonly Rate[]) => rates.map(({ framesPerSecond }) => framesPerSecond)
  const ratios = pairedRatios(perSecond(adapter), perSecond(bare))
  printTable(
    ['frames of 1080p per second', 'median', 'least', 'greatest'],
    [
      ['adapter, into the history', ...spread(perSecond(adapter))],
      ['bare readAsync + imencodeAsync', ...spread(perSecond(bare))],
      [`share of the bare loop, over ${ROUNDS} pairs`, ...spread(ratios)],
      [`frames delivered of ${FRAMES}; the others were read and not encoded`, ...spread(adapter.map(({ frames }) => frames))],
    ],
  )
  const figures = {
    adapterFramesPerSecond: median(perSecond(adapter)),
    bareFramesPerSecond: median(perSecond(bare)),
    shareOfBareLoop: median(ratios),
  }
  return judge(figures, { shareOfBareLoop: { atLeast: 0.9 } })
}
