import type { Worker } from 'node:worker_threads'
import { createHistory } from '@snapmint/core'
import { type Control, createControl, type Mode, nextPhase } from './history-threads/control.js'
import type { ReaderReport } from './history-threads/reader-thread.js'
import type { WriterReport } from './history-threads/writer-thread.js'
import { type BenchResult, judge } from './lib/bench.js'
import { benchSeconds } from './lib/settings.js'
import { median, pairedRatios, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'
import { nextMessage, startThread } from './lib/thread.js'

export const description =
  'a writer at full speed beside three readers, against readers elsewhere and none; every byte read is checked'

/** A history as cameras have it: larger than the processor's cache, so that what readers read has left their caches when the writer comes round to it. */
const HISTORY_BYTES = 128 * 2 ** 20
const READERS = 3
const ROUNDS = 30
/** A phase of each kind belongs to every round. With readers is where torn frames would show: it takes most of the time. */
const modes: readonly Mode[] = ['alone', 'apart', 'together']
const SHARE_OF_TOGETHER = { alone: 0.4, apart: 0.4, together: 1 }

interface Threads {
  readonly control: Control
  readonly writer: Worker
  readonly readers: readonly Worker[]
}

interface Phase {
  readonly writer: WriterReport
  readonly readers: readonly ReaderReport[]
}

async function startThreads(): Promise<Threads> {
  const control = createControl()
  const history = createHistory({ maxBytes: HISTORY_BYTES, durationMs: 3_600_000 })
  const module = (name: string) => new URL(`./history-threads/${name}-thread.ts`, import.meta.url)
  const writer = startThread(module('writer'), { history, control })
  const readers = Array.from({ length: READERS }, () =>
    startThread(module('reader'), { history, historyBytes: HISTORY_BYTES, control }),
  )
  await Promise.all([writer, ...readers].map(nextMessage))
  return { control, writer, readers }
}

async function work({ control, writer, readers }: Threads, mode: Mode, seconds: number): Promise<Phase> {
  const reports = Promise.all([nextMessage<WriterReport>(writer), ...readers.map((reader) => nextMessage<ReaderReport>(reader))])
  nextPhase(control, mode)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  nextPhase(control)
  const [writerReport, ...readerReports] = await reports
  return { writer: writerReport, readers: readerReports }
}

async function measure(seconds: number): Promise<Record<Mode, Phase[]>> {
  const threads = await startThreads()
  const phases: Record<Mode, Phase[]> = { alone: [], apart: [], together: [] }
  try {
    // Not counted: code is compiled, and the history fills.
    for (const mode of modes) await work(threads, mode, Math.min(1, seconds / 10))
    for (let round = 0; round < ROUNDS; round++) {
      for (const mode of modes) phases[mode].push(await work(threads, mode, (SHARE_OF_TOGETHER[mode] * seconds) / ROUNDS))
    }
  } finally {
    await Promise.all([threads.writer, ...threads.readers].map((thread) => thread.terminate()))
  }
  return phases
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const cpuPerFrame = (phases: readonly Phase[]) => phases.map(({ writer }) => (writer.cpuMs * 1000) / writer.frames)
const readsOf = (phases: readonly Phase[]) => sum(phases.flatMap(({ readers }) => readers.map(({ reads }) => reads)))
const readGigabytes = (phases: readonly Phase[]) => sum(phases.flatMap(({ readers }) => readers.map(({ bytes }) => bytes))) / 1e9
const sleepsOf = (phases: readonly Phase[]) => sum(phases.map(({ writer }) => writer.sleeps))

export async function run(): Promise<BenchResult> {
  const seconds = benchSeconds(60)
  const phases = await measure(seconds)
  const cpu = { alone: cpuPerFrame(phases.alone), apart: cpuPerFrame(phases.apart), together: cpuPerFrame(phases.together) }
  const againstAlone = pairedRatios(cpu.together, cpu.alone)
  const againstApart = pairedRatios(cpu.together, cpu.apart)
  const label = {
    alone: 'alone',
    apart: `beside ${READERS} threads that read memory of their own`,
    together: `beside ${READERS} threads that read the history`,
  }
  printTable(
    ['the writer', 'CPU µs/frame', 'least', 'greatest', 'frames', 'sleeps', 'frames read', 'GB read'],
    modes.map((mode) => [
      label[mode],
      ...spread(cpu[mode]),
      sum(phases[mode].map(({ writer }) => writer.frames)),
      sleepsOf(phases[mode]),
      readsOf(phases[mode]),
      readGigabytes(phases[mode]),
    ]),
  )
  console.log('')
  printTable(
    ['CPU time per frame, with readers of the history', 'median', 'least', 'greatest'],
    [
      ['against the writer alone: the goal', ...spread(againstAlone)],
      ['against readers of other memory', ...spread(againstApart)],
      ['for comparison: readers of other memory, against the writer alone', ...spread(pairedRatios(cpu.apart, cpu.alone))],
    ],
  )
  console.log(`
Readers of other memory are there for comparison: what they cost the writer, anybody would who keeps cores and memory as busy.`)
  const figures = {
    framesRead: readsOf(phases.together),
    tornReads: sum(phases.together.flatMap(({ readers }) => readers.map(({ torn }) => torn))),
    cpuRatioAgainstAlone: median(againstAlone),
    cpuRatioAgainstOtherMemory: median(againstApart),
    cpuRatioOfOtherMemoryAgainstAlone: median(pairedRatios(cpu.apart, cpu.alone)),
    writerSleepsPerSecond: sleepsOf(phases.together) / seconds,
  }
  return judge(figures, {
    framesRead: { atLeast: 1 },
    tornReads: { exactly: 0 },
    cpuRatioAgainstAlone: { atMost: 1.15 },
    // Who waits for a lock sleeps, thousands of times a second beside readers as busy as these; garbage collection alone makes less than one.
    writerSleepsPerSecond: { atMost: 10 },
  })
}
