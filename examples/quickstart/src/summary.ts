import type { PipelineStatus } from '@snapmint/core'
import { formatCheckpoints, formatSeconds } from './format.js'

export interface SummaryOptions {
  readonly ranMs: number
  readonly status: PipelineStatus<'camera'>
  /** Jobs of the folder that failed during the session, and that nobody has claimed at its end. */
  readonly failed: number
  readonly waiting: number
  /** Of the quickstart's own three jobs. */
  readonly undelivered: number
}

export interface Summary {
  readonly line: string
  readonly everyJobDelivered: boolean
}

/** What became of everything. */
export function summarise({ ranMs, status, failed, waiting, undelivered }: SummaryOptions): Summary {
  const { done = 0 } = status.routes.jobs ?? {}
  const { done: stored = 0, failed: missed = 0 } = status.routes.checkpoints ?? {}
  const everyJobDelivered = undelivered === 0 && failed === 0 && waiting === 0 && missed === 0
  const parts = [
    `${status.sources.camera.accepted} pictures captured`,
    `jobs ${done} done, ${failed} failed, ${waiting} waiting`,
    `${formatCheckpoints(stored)}${missed === 0 ? '' : ` (${missed} failed)`}`,
  ]
  const verdict = everyJobDelivered ? 'Every job was delivered.' : 'Not every job was delivered.'
  return { line: `Ran ${formatSeconds(ranMs)}: ${parts.join('; ')}. ${verdict}`, everyJobDelivered }
}
