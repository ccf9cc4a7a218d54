import { setTimeout as sleep } from 'node:timers/promises'
import { createPipeline, type FrameSource, type Pipeline } from '@snapmint/core'
import { sketchSource } from '@snapmint/source-sketch'
import { type BenchResult, judge } from './lib/bench.js'
import { quantile, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'

export const description = '30 frames a second from a capture worker while the main thread is blocked, against when it is not'

const FRAME_RATE = 30
const INTERVAL_MS = 1000 / FRAME_RATE
const BLOCK_MS = 2_000
const BLOCKS = 3
const PAUSE_MS = 1_000
const ROUNDS = 3

interface Observed {
  /** From each captureTime to the next, in ms. */
  readonly spacing: readonly number[]
  /** Frames missing in gaps of more than one and a half intervals. */
  readonly lost: number
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** Lets the camera run for three blocks and the pauses between them; `pass` is what the main thread does during a block. */
async function observe(pipeline: Pipeline<'camera'>, pass: (milliseconds: number) => unknown): Promise<Observed> {
  const from = pipeline.now()
  for (let round = 0; round < BLOCKS; round++) {
    await sleep(PAUSE_MS)
    await pass(BLOCK_MS)
  }
  const to = pipeline.now()
  await sleep(4 * INTERVAL_MS)
  const times = pipeline
    .history('camera')
    .reader.range(from, to)
    .map(({ captureTime }) => captureTime)
  // The ends count, too: a camera that comes to rest in a block has no frame behind it.
  const spacing = [...times, to].map((time, index) => time - (times[index - 1] ?? from))
  const lost = spacing.reduce((sum, gap) => sum + (gap > 1.5 * INTERVAL_MS ? Math.round(gap / INTERVAL_MS) - 1 : 0), 0)
  return { spacing: spacing.slice(1, -1), lost }
}

async function startPipeline(source: FrameSource): Promise<Pipeline<'camera'>> {
  const pipeline = createPipeline({ sources: { camera: source } })
  await pipeline.start()
  // Its first frames are drawn by code that is not compiled yet.
  await sleep(2_000)
  return pipeline
}

const merged = (observed: readonly Observed[]) => observed.flatMap(({ spacing }) => spacing)
const lostOf = (observed: readonly Observed[]) => observed.reduce((sum, { lost }) => sum + lost, 0)
const p99Of = (observed: readonly Observed[]) => quantile(merged(observed), 0.99)

async function measure(pipeline: Pipeline<'camera'>, rounds: number) {
  const free: Observed[] = []
  const blocked: Observed[] = []
  for (let round = 0; round < rounds; round++) {
    free.push(await observe(pipeline, sleep))
    blocked.push(await observe(pipeline, block))
  }
  return { free, blocked }
}

/** The same camera in the main thread: what would happen without a worker. */
async function measureInline(): Promise<Observed[]> {
  const { host: _, ...inline } = sketchSource({ frameRate: FRAME_RATE, seed: 1 })
  await using pipeline = await startPipeline(inline)
  return [await observe(pipeline, block)]
}

export async function run(): Promise<BenchResult> {
  const pipeline = await startPipeline(sketchSource({ frameRate: FRAME_RATE, seed: 1 }))
  const { free, blocked } = await measure(pipeline, ROUNDS)
  await pipeline.stop()
  const inline = await measureInline()
  const row = (name: string, observed: readonly Observed[]) => [
    name,
    merged(observed).length,
    lostOf(observed),
    ...spread(merged(observed)),
    p99Of(observed),
  ]
  printTable(
    ['1280 × 720, 30 frames a second', 'frames', 'lost', 'spacing ms', 'least', 'greatest', 'p99'],
    [
      row('capture worker, main thread free', free),
      row(`capture worker, main thread blocked ${ROUNDS * BLOCKS} × ${BLOCK_MS / 1000} s`, blocked),
      row(`without a worker, blocked ${BLOCKS} × ${BLOCK_MS / 1000} s`, inline),
    ],
  )
  const figures = {
    framesLost: lostOf(blocked),
    framesLostUnblocked: lostOf(free),
    framesLostWithoutWorker: lostOf(inline),
    spacingP99Milliseconds: p99Of(blocked),
    spacingP99UnblockedMilliseconds: p99Of(free),
    spacingP99ShiftMilliseconds: p99Of(blocked) - p99Of(free),
  }
  return judge(figures, { framesLost: { exactly: 0 }, spacingP99ShiftMilliseconds: { atMost: 5 } })
}
