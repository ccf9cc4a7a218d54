import { setTimeout as sleep } from 'node:timers/promises'
import { fileJob, type Pipeline } from '@snapmint/core'
import { formatSeconds, formatTime } from './format.js'
import { readOutcome } from './outcome.js'
import { receiptLine } from './receipt-line.js'

export interface DemoContext {
  readonly pipeline: Pipeline<'camera'>
  /** The folder of `directoryJobs`. */
  readonly jobsDirectory: string
  /** Where the user is. */
  readonly directory: string
  readonly print: (line: string) => void
  /** Aborted when the session begins to end: nothing more is filed. */
  readonly ending: AbortSignal
  /** Aborted when every job that could be delivered has been. */
  readonly ended: AbortSignal
}

export interface Demo {
  /** Whether a job is one of the demonstration's, which prints its own receipts. */
  owns(id: string): boolean
  /** Resolves when all are settled, or the session has ended: to how many were not delivered. Call it once, when the pipeline runs. */
  run(): Promise<number>
}

/** The jobs that the quickstart shows itself with. `offsetMs`: the moment asked for, from the filing on. */
const moments = [
  { title: 'now', offsetMs: 0 },
  { title: '5 s ago', offsetMs: -5_000 },
  { title: '3 s ahead', offsetMs: 3_000 },
] as const

const pollMs = 50

/** Three jobs, filed as any program could, and their receipts. */
export function createDemo(context: DemoContext): Demo {
  const prefix = `quickstart-${Date.now().toString(36)}-${process.pid}-`
  return {
    owns: (id) => id.startsWith(prefix),
    async run() {
      const jobs = moments.map(({ title, offsetMs }) => ({ title, offsetMs, id: prefix + title.replaceAll(' ', '-') }))
      const delivered = await Promise.all(jobs.map((job) => runJob(job, context)))
      return delivered.filter((done) => !done).length
    },
  }
}

interface DemoJob {
  readonly title: string
  readonly offsetMs: number
  readonly id: string
}

/** @returns whether its picture was delivered. */
async function runJob({ title, offsetMs, id }: DemoJob, context: DemoContext): Promise<boolean> {
  const { pipeline, jobsDirectory, directory, print, ending, ended } = context
  if (!(await untilHistoryReaches(-offsetMs, title, context))) {
    print(`✗ ${title}: not asked for, the session ended before the history was that deep`)
    return false
  }
  if (ending.aborted) return false
  const targetTime = pipeline.now() + offsetMs
  await fileJob(jobsDirectory, { targetTime, source: 'camera' }, { id })
  print(`→ ${title}: a job asks for the picture of ${formatTime(targetTime)}`)
  // From the folder and not from this pipeline's events: another quickstart on the same folder may have served it.
  let outcome = await readOutcome(jobsDirectory, id)
  while (outcome === undefined && !ended.aborted) {
    await sleep(pollMs)
    outcome = await readOutcome(jobsDirectory, id)
  }
  if (outcome?.status === 'done') print(receiptLine(title, outcome.receipt, directory))
  else if (outcome?.status === 'failed') print(`✗ ${title}: ${outcome.error.message}`)
  else print(`✗ ${title}: not delivered yet, the job stays in ${jobsDirectory} for the next start`)
  return outcome?.status === 'done'
}

/** Waits, so that the picture of that moment exists and the receipt is honest. @returns false when the session ends before. */
async function untilHistoryReaches(depthMs: number, title: string, { pipeline, print, ending }: DemoContext): Promise<boolean> {
  if (depthMs <= 0) return true
  const { reader } = pipeline.history('camera')
  const depth = () => pipeline.now() - (reader.oldest()?.captureTime ?? pipeline.now())
  if (depth() < depthMs)
    print(`… ${title}: waits until the history is ${depthMs / 1000} s deep (${formatSeconds(depth())} so far)`)
  while (depth() < depthMs && !ending.aborted) await sleep(pollMs)
  return !ending.aborted
}
