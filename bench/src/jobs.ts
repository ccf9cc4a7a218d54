import {
  attachHistory,
  createPipeline,
  type Frame,
  type FrameSource,
  type HistoryReader,
  type Job,
  type JobClaim,
  type MemoryJobs,
  type MemorySink,
  memoryJobs,
  memorySink,
} from '@snapmint/core'
import { type BenchResult, judge } from './lib/bench.js'
import { cpuSeconds } from './lib/cpu-time.js'
import { seededRandom } from './lib/random.js'
import { collectGarbage } from './lib/settings.js'
import { median, pairedRatios, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'
import { watchRss } from './lib/watch-rss.js'

export const description = '100,000 jobs over 300 frames, in memory, against the same jobs served one at a time'

const JOBS = 100_000
const FRAMES = 300
const FRAME_BYTES = 50_000
const INTERVAL_MS = 1000 / 30
const ROUNDS = 5
/** The naive loop is slow, and each of its jobs costs the same. */
const NAIVE_JOBS = 10_000

/** Ten seconds of a camera, all at once and ending a second ago; then nothing more. */
function recordedSource(firstCaptureTime: number): FrameSource {
  const random = seededRandom(1)
  const picture = Uint8Array.from({ length: FRAME_BYTES }, () => random() * 256)
  return {
    specVersion: 1,
    adapter: 'recorded',
    async *frames({ signal }): AsyncGenerator<Frame> {
      for (let index = 0; index < FRAMES; index++) {
        picture[0] = index & 0xff
        picture[1] = index >> 8
        yield { mimeType: 'image/jpeg', captureTime: firstCaptureTime + index * INTERVAL_MS, data: picture }
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    },
  }
}

/** Moments all over the frames, nearest to each of them at least once. */
function makeMoments(firstCaptureTime: number): number[] {
  const random = seededRandom(2)
  return Array.from({ length: JOBS }, (_, index) => {
    const frame = index < FRAMES ? index : Math.floor(random() * FRAMES)
    const aside = (random() - 0.5) * 0.9
    return firstCaptureTime + Math.min(Math.max(frame + aside, 0), FRAMES - 1) * INTERVAL_MS
  })
}

interface PipelineRun {
  readonly jobsPerSecond: number
  readonly jobsPerCpuSecond: number
  readonly puts: number
  readonly receipts: number
  readonly wrong: number
  /** While the jobs were delivered, and after garbage was collected; against before they were added. */
  readonly peakRssGrowth: number
  readonly rssGrowth: number
}

/** Receipts whose picture is not the closest to the moment, or not stored. */
function wrongReceipts(jobs: MemoryJobs, sink: MemorySink): number {
  let wrong = 0
  for (const outcome of jobs.results.values()) {
    const frame = outcome.status === 'done' ? outcome.receipt.frames[0] : undefined
    const uri = frame?.uris[0] ?? ''
    const near = frame !== undefined && Math.abs(frame.offsetMs) <= INTERVAL_MS / 2
    if (!near || sink.objects.get(uri.slice('memory:'.length))?.captureTime !== frame.captureTime) wrong++
  }
  return wrong
}

async function deliverAll(jobs: MemoryJobs, moments: readonly number[]): Promise<void> {
  const ids = moments.map((targetTime) => jobs.add({ targetTime }))
  await jobs.outcome(ids.at(-1)!)
  while (jobs.pending > 0) await new Promise((resolve) => setImmediate(resolve))
}

async function runPipeline(firstCaptureTime: number, moments: readonly number[]): Promise<PipelineRun> {
  const jobs = memoryJobs()
  const sink = memorySink()
  await using pipeline = createPipeline({
    source: recordedSource(firstCaptureTime),
    jobs,
    sink,
    history: { maxBytes: 64 * 2 ** 20, durationMs: 3_600_000 },
    capture: { stallMs: 600_000 },
  })
  await pipeline.start()
  while (pipeline.status().sources.camera.history.frames < FRAMES) await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const rss = watchRss()
  const cpu = cpuSeconds()
  const start = performance.now()
  await deliverAll(jobs, moments)
  const seconds = (performance.now() - start) / 1000
  const usedCpu = cpuSeconds() - cpu
  const peakRssGrowth = rss.stop()
  collectGarbage()
  return {
    jobsPerSecond: JOBS / seconds,
    jobsPerCpuSecond: JOBS / usedCpu,
    puts: sink.puts,
    receipts: jobs.results.size,
    wrong: wrongReceipts(jobs, sink),
    peakRssGrowth,
    rssGrowth: rss.growth(),
  }
}

async function serveOne({ id, token, job }: JobClaim<Job>, reader: HistoryReader, jobs: MemoryJobs, sink: MemorySink) {
  const { signal } = new AbortController()
  const { info, run } = reader.hold(job.targetTime)
  const { captureTime, bytes } = info
  const key = `camera/${captureTime}.jpg`
  // No hash, although a receipt tells one: the baseline shall not lose by what it need not do.
  const still = {
    kind: 'snapshot',
    source: 'camera',
    captureTime,
    mimeType: 'image/jpeg',
    data: run[0]!.data,
    sha256: '',
  } as const
  const { uri } = await sink.put(still, { key, jobIds: [id], signal })
  const offsetMs = captureTime - job.targetTime
  const frame = { source: 'camera', captureTime, targetTime: job.targetTime, offsetMs, uris: [uri], bytes, sha256: '' }
  const receipt = { frames: [{ ...frame, mimeType: 'image/jpeg' as const }] }
  await jobs.settle([{ status: 'done', id, token, receipt }], { signal })
}

/** One look-up, one put and one settle for each job, one job at a time. */
async function runNaively(firstCaptureTime: number, moments: readonly number[]): Promise<number> {
  const jobs = memoryJobs()
  const sink = memorySink()
  await using pipeline = createPipeline({
    sources: { camera: recordedSource(firstCaptureTime) },
    history: { maxBytes: 64 * 2 ** 20, durationMs: 3_600_000 },
    capture: { stallMs: 600_000 },
  })
  await pipeline.start()
  const reader = attachHistory(pipeline.history('camera').handle)
  while (reader.stats().frames < FRAMES) await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const { signal } = new AbortController()
  const start = performance.now()
  for (const targetTime of moments.slice(0, NAIVE_JOBS)) jobs.add({ targetTime })
  for (;;) {
    const [claim] = await jobs.claim({ max: 1, leaseMs: 30_000, signal })
    if (claim === undefined) break
    await serveOne(claim, reader, jobs, sink)
  }
  return (NAIVE_JOBS * 1000) / (performance.now() - start)
}

export async function run(): Promise<BenchResult> {
  const firstCaptureTime = Date.now() - 11_000
  const moments = makeMoments(firstCaptureTime)
  const runs: PipelineRun[] = []
  const naive: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    runs.push(await runPipeline(firstCaptureTime, moments))
    naive.push(await runNaively(firstCaptureTime, moments))
  }
  const jobsPerSecond = runs.map((pipeline) => pipeline.jobsPerSecond)
  // The first round counts: later ones find the memory that it left.
  const [first] = runs as [PipelineRun]
  printTable(
    [`${ROUNDS} rounds, pictures of ${FRAME_BYTES / 1000} KB`, 'median', 'least', 'greatest'],
    [
      ['jobs per second', ...spread(jobsPerSecond)],
      ['jobs per second of processor time', ...spread(runs.map((pipeline) => pipeline.jobsPerCpuSecond))],
      ['one at a time, jobs per second', ...spread(naive)],
      ['ratio', ...spread(pairedRatios(jobsPerSecond, naive))],
      ['puts', ...spread(runs.map(({ puts }) => puts))],
      ['receipts', ...spread(runs.map(({ receipts }) => receipts))],
      ['RSS growth while they run, MB', ...spread(runs.map(({ peakRssGrowth }) => peakRssGrowth / 1e6))],
      ['RSS growth after them, MB', ...spread(runs.map(({ rssGrowth }) => rssGrowth / 1e6))],
    ],
  )
  const figures = {
    jobsPerSecond: median(jobsPerSecond),
    timesNaive: median(pairedRatios(jobsPerSecond, naive)),
    puts: Math.max(...runs.map(({ puts }) => puts)),
    receipts: Math.min(...runs.map(({ receipts }) => receipts)),
    wrongReceipts: Math.max(...runs.map(({ wrong }) => wrong)),
    rssGrowthMegabytes: first.rssGrowth / 1e6,
    peakRssGrowthMegabytes: first.peakRssGrowth / 1e6,
  }
  return judge(figures, {
    jobsPerSecond: { atLeast: 20_000 },
    puts: { exactly: FRAMES },
    receipts: { exactly: JOBS },
    wrongReceipts: { exactly: 0 },
    peakRssGrowthMegabytes: { atMost: 150 },
  })
}
