import { attachHistory, createHistory, type HistoryReader, openHistoryWriter } from '@snapmint/core'
import { type BenchResult, judge } from './lib/bench.js'
import { cpuSeconds } from './lib/cpu-time.js'
import { seededRandom } from './lib/random.js'
import { median, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'

export const description = 'the closest of 100,000 frames to a random moment, against a scan of an array'

const FRAMES = 100_000
const ROUNDS = 15
const LOOKUPS_PER_ROUND = 400_000
const SCANS_PER_ROUND = 400
const INTERVAL_MS = 1000 / 30
const START = Date.UTC(2026, 0, 1)

interface TimedFrame {
  readonly captureTime: number
}

/** 30 frames a second as cameras give them: each a little early or late, and now and then ten seconds missing (the source was restarted). */
function captureTimes(random: () => number): number[] {
  let gaps = 0
  return Array.from({ length: FRAMES }, (_, index) => {
    if (random() < 1 / 5_000) gaps += 10_000
    return START + gaps + index * INTERVAL_MS + random() * 6
  })
}

function fill(times: readonly number[]): HistoryReader {
  const history = createHistory({ maxFrames: FRAMES, durationMs: 30 * 86_400_000, maxBytes: 32 * 2 ** 20 })
  const writer = openHistoryWriter(history)
  const data = new Uint8Array(64)
  for (const captureTime of times) writer.push({ mimeType: 'image/jpeg', captureTime, data }, captureTime)
  return attachHistory(history)
}

function scan(frames: readonly TimedFrame[], targetTime: number): TimedFrame {
  let closest = frames[0]!
  for (const frame of frames) {
    if (Math.abs(frame.captureTime - targetTime) < Math.abs(closest.captureTime - targetTime)) closest = frame
  }
  return closest
}

/** Runs `find` on every moment. Returns calls per second of processor time; throws when an answer is not the expected one. */
function measure(moments: Float64Array, expected: Float64Array, find: (targetTime: number) => TimedFrame): number {
  let wrong = 0
  const start = cpuSeconds()
  for (let index = 0; index < moments.length; index++) {
    if (find(moments[index]!).captureTime !== expected[index]) wrong++
  }
  const seconds = cpuSeconds() - start
  if (wrong > 0) throw new Error(`${wrong} of ${moments.length} look-ups found another frame than the closest`)
  return moments.length / seconds
}

/** The closest time to each moment, found by a third way, for the check. */
function closestTimes(times: readonly number[], moments: Float64Array): Float64Array {
  return moments.map((moment) => {
    let low = 0
    let high = times.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (times[middle]! <= moment) low = middle + 1
      else high = middle
    }
    const [before = Number.NEGATIVE_INFINITY, after = Number.POSITIVE_INFINITY] = [times[low - 1], times[low]]
    return moment - before <= after - moment ? before : after
  })
}

export async function run(): Promise<BenchResult> {
  const random = seededRandom(1)
  const times = captureTimes(random)
  const reader = fill(times)
  const frames: TimedFrame[] = times.map((captureTime) => ({ captureTime }))
  const span = times.at(-1)! - START
  const moments = Float64Array.from({ length: LOOKUPS_PER_ROUND }, () => START + random() * span)
  const expected = closestTimes(times, moments)
  const fewMoments = moments.subarray(0, SCANS_PER_ROUND)
  const lookups: number[] = []
  const scans: number[] = []
  // A few at the start are not counted: the code is compiled.
  for (let round = -2; round < ROUNDS; round++) {
    const scansPerSecond = measure(fewMoments, expected, (moment) => scan(frames, moment))
    const lookupsPerSecond = measure(moments, expected, (moment) => reader.lookup(moment))
    if (round < 0) continue
    lookups.push(lookupsPerSecond)
    scans.push(scansPerSecond)
  }
  // The garbage collector leaves the array's objects in order or scattered, and scanning the latter takes five times as long: the best round is the
  // baseline, not the luck of a run.
  const bestScan = Math.max(...scans)
  const ratios = lookups.map((perSecond) => perSecond / bestScan)
  printTable(
    ['per second of processor time', 'median', 'least', 'greatest'],
    [
      ['look-ups in the history', ...spread(lookups)],
      ['scans of an array of objects', ...spread(scans)],
      [`look-ups for each scan of the fastest of ${ROUNDS} rounds`, ...spread(ratios)],
    ],
  )
  const figures = { lookupsPerSecond: median(lookups), bestScansPerSecond: bestScan, timesScan: median(ratios) }
  return judge(figures, { lookupsPerSecond: { atLeast: 1_000_000 }, timesScan: { atLeast: 500 } })
}
