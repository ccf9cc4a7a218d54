import { setTimeout as sleep } from 'node:timers/promises'
import { fileJob, type Pipeline } from '@snapmint/core'
import { formatPath, formatSeconds, formatTime } from './format.js'
import { readOutcome } from './outcome.js'
import { receiptLine } from './receipt-line.js'
import { oneLine } from './user-error.js'

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

/**
 * The jobs that the quickstart shows itself with, in the order in which they are filed: the last one may have to wait until the history is deep enough.
 * `offsetMs`: the moment asked for, from the filing on.
 */
const moments = [
  { title: 'now', offsetMs: 0 },
  { title: '3 s ahead', offsetMs: 3_000 },
  { title: '5 s ago', offsetMs: -5_000 },
] as const

const pollMs = 50
/** The moment lies inside the history, with frames on both sides of it. */
const marginMs = 250

/** Three jobs, filed as any program could, and their receipts. */
export function createDemo(context: DemoContext): Demo {
  const prefix = `quickstart-${Date.now().toString(36)}-${process.pid}-`
  return {
    owns: (id) => id.startsWith(prefix),
    async run() {
      const receipts: Promise<boolean>[] = []
      for (const { title, offsetMs } of moments) {
        const id = prefix + title.replaceAll(' ', '-')
        const isFiled = await file(title, offsetMs, id, context)
        if (isFiled) receipts.push(untilDelivered(title, id, context))
      }
      const delivered = (await Promise.all(receipts)).filter(Boolean)
      return moments.length - delivered.length
    },
  }
}

/** @returns false when the session ended before the job could be filed. */
async function file(title: string, offsetMs: number, id: string, context: DemoContext): Promise<boolean> {
  const { pipeline, jobsDirectory, print, ending } = context
  await untilHistoryReaches(-offsetMs, title, context)
  if (ending.aborted) {
    print(`✗ ${title}: not asked for, the session ended too soon`)
    return false
  }
  const targetTime = pipeline.now() + offsetMs
  print(`→ ${title}: a job asks for the picture of ${formatTime(targetTime)}`)
  await fileJob(jobsDirectory, { targetTime, source: 'camera' }, { id })
  return true
}

/** Waits, so that the picture of that moment exists and the receipt is honest. */
async function untilHistoryReaches(depthMs: number, title: string, { pipeline, print, ending }: DemoContext): Promise<void> {
  if (depthMs <= 0) return
  const { reader } = pipeline.history('camera')
  const depth = () => Math.max(0, pipeline.now() - (reader.oldest()?.captureTime ?? Number.POSITIVE_INFINITY))
  if (depth() < depthMs)
    print(`… ${title}: waits until the history is ${depthMs / 1000} s deep (${formatSeconds(depth())} so far)`)
  while (depth() < depthMs + marginMs && !ending.aborted) await sleep(pollMs)
}

/** Prints the receipt. @returns whether the picture was delivered. */
async function untilDelivered(
  title: string,
  id: string,
  { jobsDirectory, directory, print, ended }: DemoContext,
): Promise<boolean> {
  // From the folder and not from this pipeline's events: another quickstart on the same folder may have served it.
  let outcome = await readOutcome(jobsDirectory, id)
  while (outcome === undefined && !ended.aborted) {
    await sleep(pollMs)
    outcome = await readOutcome(jobsDirectory, id)
  }
  if (outcome?.status === 'done') print(receiptLine(title, outcome.receipt, directory))
  else if (outcome?.status === 'failed') print(`✗ ${title}: ${oneLine(outcome.error.message)}`)
  else print(`✗ ${title}: not delivered yet, the job stays in ${formatPath(jobsDirectory, directory)} for the next start`)
  return outcome?.status === 'done'
}
