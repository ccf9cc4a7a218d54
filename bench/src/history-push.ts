import { createHistory, openHistoryWriter } from '@snapmint/core'
import { type BenchResult, judge } from './lib/bench.js'
import { cpuSeconds } from './lib/cpu-time.js'
import { seededRandom } from './lib/random.js'
import { median, pairedRatios, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'

export const description = '200 KB frames pushed into a history, against plain Uint8Array.set into memory of the same kind'

const FRAME_BYTES = 200_000
const HISTORY_BYTES = 128 * 2 ** 20
/** Pictures take turns, as those of a camera differ. */
const PICTURES = 8
const ROUNDS = 21
const FRAMES_PER_ROUND = 4_000

function makePictures(): Uint8Array[] {
  const random = seededRandom(1)
  return Array.from({ length: PICTURES }, () => Uint8Array.from({ length: FRAME_BYTES }, () => random() * 256))
}

/** Writes frame after frame. Returns frames per second of processor time. */
function measure(pictures: readonly Uint8Array[], write: (picture: Uint8Array) => void): number {
  const start = cpuSeconds()
  for (let frame = 0; frame < FRAMES_PER_ROUND; frame++) write(pictures[frame % PICTURES]!)
  return FRAMES_PER_ROUND / (cpuSeconds() - start)
}

function pushIntoHistory(): (picture: Uint8Array) => void {
  const history = createHistory({ maxBytes: HISTORY_BYTES, durationMs: 3_600_000, maxFrames: 2_000 })
  const writer = openHistoryWriter(history)
  let captureTime = Date.UTC(2026, 0, 1)
  return (data) => {
    captureTime += 1
    writer.push({ mimeType: 'image/jpeg', captureTime, data, codedWidth: 1920, codedHeight: 1080 }, captureTime)
  }
}

/** The same bytes to the same rolling offsets: one frame behind the other, from the start again where one does not fit. */
function setIntoMemory(): (picture: Uint8Array) => void {
  const memory = new Uint8Array(new SharedArrayBuffer(HISTORY_BYTES))
  let offset = 0
  return (data) => {
    if (offset + data.byteLength > memory.byteLength) offset = 0
    memory.set(data, offset)
    offset += data.byteLength
  }
}

export async function run(): Promise<BenchResult> {
  const pictures = makePictures()
  const push = pushIntoHistory()
  const set = setIntoMemory()
  const pushes: number[] = []
  const sets: number[] = []
  // One more at the start, not counted: it makes the system hand out the memory, and compiles the code.
  for (let round = 0; round <= ROUNDS; round++) {
    const setsPerSecond = measure(pictures, set)
    const pushesPerSecond = measure(pictures, push)
    if (round === 0) continue
    pushes.push(pushesPerSecond)
    sets.push(setsPerSecond)
  }
  const ratios = pairedRatios(pushes, sets)
  const inGigabytes = (perSecond: number[]) => perSecond.map((count) => (count * FRAME_BYTES) / 1e9)
  printTable(
    ['per second of processor time', 'median', 'least', 'greatest'],
    [
      ['frames of 200 KB pushed into the history', ...spread(pushes)],
      ['Uint8Array.set of 200 KB', ...spread(sets)],
      ['frames pushed, GB', ...spread(inGigabytes(pushes))],
      ['Uint8Array.set, GB', ...spread(inGigabytes(sets))],
      [`share of plain set, over ${ROUNDS} pairs`, ...spread(ratios)],
    ],
  )
  const figures = { pushesPerSecond: median(pushes), setsPerSecond: median(sets), shareOfPlainSet: median(ratios) }
  return judge(figures, { shareOfPlainSet: { atLeast: 0.6 } })
}
