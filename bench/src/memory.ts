import { setTimeout as sleep } from 'node:timers/promises'
import { createPipeline, type FrameSource, type Pipeline } from '@snapmint/core'
import { type BenchResult, judge } from './lib/bench.js'
import { benchSeconds } from './lib/settings.js'
import { median } from './lib/statistics.js'
import { printTable } from './lib/table.js'
import type { RollingSourceOptions } from './memory/rolling-source.js'

export const description =
  'resident memory while a history of 512 MiB is full and turning over, against its size and its own past'

const HISTORY_BYTES = 512 * 2 ** 20
const FRAME_RATE = 120
/** So that the history turns over at least this often in the time. */
const TURNS = 8
const SAMPLES = 300
const MEGABYTE = 1e6

interface Sample {
  readonly seconds: number
  readonly rss: number
  readonly heldBytes: number
  readonly pushedBytes: number
}

function rollingSource(options: RollingSourceOptions): FrameSource {
  const module = new URL('./memory/rolling-source.ts', import.meta.url).href
  const host = {
    kind: 'thread',
    module: new URL('./lib/typescript-source.mjs', import.meta.url),
    options: { module, options },
  } as const
  const frames = () => {
    throw new Error('This source runs in a capture worker only')
  }
  return { specVersion: 1, adapter: 'rolling', host, frames }
}

async function takeSamples(pipeline: Pipeline<'camera'>, seconds: number): Promise<Sample[]> {
  const start = performance.now()
  const samples: Sample[] = []
  for (let sample = 1; sample <= SAMPLES; sample++) {
    await sleep(Math.max(0, start + (sample * seconds * 1000) / SAMPLES - performance.now()))
    // Somebody looks at it meanwhile: pictures are copied out and hashed.
    await pipeline.snapshot('camera')
    const { bytes, pushedBytes } = pipeline.status().sources.camera.history
    samples.push({ seconds: (performance.now() - start) / 1000, rss: process.memoryUsage.rss(), heldBytes: bytes, pushedBytes })
  }
  return samples
}

/** The sample is a saw: garbage comes and goes. What shall be flat is the middle of each of six parts of the time. */
function spreadOfMedians(samples: readonly Sample[]): number {
  const size = Math.ceil(samples.length / 6)
  const parts = Array.from({ length: 6 }, (_, part) => samples.slice(part * size, (part + 1) * size))
  const medians = parts.map((part) => median(part.map(({ rss }) => rss)))
  return Math.max(...medians) - Math.min(...medians)
}

/** Growth in bytes per minute: the slope of the line of least squares. */
function growthPerMinute(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const meanSeconds = mean(({ seconds }) => seconds)
  const meanRss = mean(({ rss }) => rss)
  const covariance = mean(({ seconds, rss }) => (seconds - meanSeconds) * (rss - meanRss))
  return (60 * covariance) / mean(({ seconds }) => (seconds - meanSeconds) ** 2)
}

function report(samples: readonly Sample[], before: number, seconds: number): BenchResult {
  const rssOf = (part: readonly Sample[]) => part.map(({ rss }) => rss / MEGABYTE)
  const steady = samples.filter((sample) => sample.seconds > seconds * 0.4)
  const tenths = Array.from({ length: 10 }, (_, tenth) => samples.slice((tenth * SAMPLES) / 10, ((tenth + 1) * SAMPLES) / 10))
  printTable(
    ['seconds', 'RSS MB, least', 'greatest', 'frames held, MB', 'pushed so far, MB'],
    tenths.map((part) => {
      const last = part.at(-1)!
      const rss = rssOf(part)
      return [
        Math.round(last.seconds),
        Math.min(...rss),
        Math.max(...rss),
        last.heldBytes / MEGABYTE,
        last.pushedBytes / MEGABYTE,
      ]
    }),
  )
  const figures = {
    seconds,
    rssBeforeMegabytes: before / MEGABYTE,
    peakRssMegabytes: Math.max(...rssOf(samples)),
    steadySpreadMegabytes: spreadOfMedians(steady) / MEGABYTE,
    steadySawMegabytes: Math.max(...rssOf(steady)) - Math.min(...rssOf(steady)),
    steadyGrowthMegabytesPerMinute: growthPerMinute(steady) / MEGABYTE,
    turns: samples.at(-1)!.pushedBytes / HISTORY_BYTES,
    shareFilled: Math.min(...steady.map(({ heldBytes }) => heldBytes)) / HISTORY_BYTES,
  }
  return judge(figures, {
    peakRssMegabytes: { atMost: (HISTORY_BYTES + 200 * MEGABYTE) / MEGABYTE },
    steadySpreadMegabytes: { atMost: 20 },
    steadyGrowthMegabytesPerMinute: { atMost: 5 },
    turns: { atLeast: TURNS },
    shareFilled: { atLeast: 0.98 },
  })
}

export async function run(): Promise<BenchResult> {
  const seconds = benchSeconds(300)
  const before = process.memoryUsage.rss()
  const meanBytes = Math.round((HISTORY_BYTES * (TURNS + 1)) / (FRAME_RATE * seconds))
  await using pipeline = createPipeline({
    sources: { camera: rollingSource({ frameRate: FRAME_RATE, meanBytes }) },
    history: { maxBytes: HISTORY_BYTES, durationMs: 3_600_000, perSource: { camera: { maxFrames: 20_000 } } },
  })
  await pipeline.start()
  return report(await takeSamples(pipeline, seconds), before, seconds)
}
