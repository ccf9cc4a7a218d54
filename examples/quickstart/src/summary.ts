import type { DirectoryJobCounts, PipelineStatus } from '@snapmint/core'
import { formatSeconds } from './format.js'

export interface SummaryOptions {
  readonly ranMs: number
  readonly status: PipelineStatus<'camera'>
  /** The folder's jobs when the session began and when it ended. */
  readonly before: DirectoryJobCounts
  readonly after: DirectoryJobCounts
  /** Of the quickstart's own three jobs. */
  readonly undelivered: number
}

export interface Summary {
  readonly line: string
  readonly everyJobDelivered: boolean
}

/** What became of everything. The folder is asked and not only the pipeline: a file that is no job fails before it gets there. */
export function summarise({ ranMs, status, before, after, undelivered }: SummaryOptions): Summary {
  const { jobs, checkpoints } = status.routes
  const failed = Math.max(after.failed - before.failed, jobs?.failed ?? 0)
  const waiting = after.new
  const jobText = `jobs ${jobs?.done ?? 0} done, ${failed} failed, ${waiting} waiting`
  const everyJobDelivered = undelivered === 0 && failed === 0 && waiting === 0 && (checkpoints?.failed ?? 0) === 0
  const checkpointText = `${checkpoints?.done ?? 0} checkpoints${checkpoints?.failed ? ` (${checkpoints.failed} failed)` : ''}`
  const verdict = everyJobDelivered ? 'Every job was delivered.' : 'Not every job was delivered.'
  return {
    line: `Ran ${formatSeconds(ranMs)}: ${status.sources.camera.accepted} pictures captured; ${jobText}; ${checkpointText}. ${verdict}`,
    everyJobDelivered,
  }
}
