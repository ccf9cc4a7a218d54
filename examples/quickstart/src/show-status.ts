import type { DirectoryJobs, Pipeline } from '@snapmint/core'
import type { Report } from './report-events.js'
import { type StatusView, statusLine } from './status-line.js'
import type { Terminal } from './terminal.js'

export interface StatusOptions {
  readonly pipeline: Pipeline<'camera'>
  readonly terminal: Terminal
  /** Rewritten in place, several times a second; otherwise a line every five seconds. */
  readonly live: boolean
  readonly jobs: DirectoryJobs
  readonly report: Report
  /** Called with every refresh. */
  readonly onRefresh: () => void
}

const liveMs = 250
const plainMs = 5_000

/** Shows the status until the returned function is called. */
export function startStatus({ pipeline, jobs, terminal, live, report, onRefresh }: StatusOptions): () => void {
  let filed = 0
  let counting = false

  async function refresh(): Promise<void> {
    onRefresh()
    if (counting) return
    counting = true
    // A folder that cannot be read at the moment is told by `jobs:unavailable`.
    filed = await jobs.counts().then(
      (counts) => counts.new,
      () => filed,
    )
    counting = false
    if (!stopped) terminal.showStatus(statusLine(viewOf(pipeline, filed, report.lastOffsetMs())))
  }

  let stopped = false
  const timer = setInterval(() => void refresh(), live ? liveMs : plainMs)
  return () => {
    stopped = true
    clearInterval(timer)
    terminal.clearStatus()
  }
}

function viewOf(pipeline: Pipeline<'camera'>, filed: number, lastOffsetMs: number | undefined): StatusView {
  const { sources, routes } = pipeline.status()
  const { state, history } = sources.camera
  const { done = 0, failed = 0, inFlight = 0 } = routes.jobs ?? {}
  return {
    camera: state,
    frameRate: history.frameRate,
    historyMs: history.depthMs,
    historyBytes: history.bytes,
    done,
    failed,
    waiting: filed + inFlight,
    checkpoints: routes.checkpoints?.done ?? 0,
    lastOffsetMs,
  }
}
