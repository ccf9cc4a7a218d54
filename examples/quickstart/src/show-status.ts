import type { Pipeline } from '@snapmint/core'
import type { JobFolder } from './job-folder.js'
import type { Report } from './report-events.js'
import { type StatusView, statusLine } from './status-line.js'
import type { Terminal } from './terminal.js'

export interface StatusOptions {
  readonly pipeline: Pipeline<'camera'>
  readonly folder: JobFolder
  readonly report: Report
  readonly terminal: Terminal
  /** Rewritten in place, several times a second; otherwise a line every five seconds. */
  readonly live: boolean
  /** Called before each refresh. */
  readonly onRefresh: () => void
}

const liveMs = 250
const plainMs = 5_000

/** Shows the status until the returned function is called. */
export function startStatus({ pipeline, folder, report, terminal, live, onRefresh }: StatusOptions): () => void {
  let looking = false
  let stopped = false

  async function refresh(): Promise<void> {
    onRefresh()
    if (looking) return
    looking = true
    // A folder that cannot be read at the moment is told of by `jobs:unavailable`.
    await folder.look().catch(() => {})
    looking = false
    if (!stopped) terminal.showStatus(statusLine(viewOf(pipeline, folder, report)))
  }

  const timer = setInterval(() => void refresh(), live ? liveMs : plainMs)
  return () => {
    stopped = true
    clearInterval(timer)
    terminal.clearStatus()
  }
}

function viewOf(pipeline: Pipeline<'camera'>, folder: JobFolder, report: Report): StatusView {
  const { sources, routes } = pipeline.status()
  const { state, history } = sources.camera
  return {
    camera: state,
    frameRate: history.frameRate,
    historyMs: history.depthMs,
    historyBytes: history.bytes,
    done: routes.jobs?.done ?? 0,
    failed: folder.failed,
    waiting: folder.waiting + (routes.jobs?.inFlight ?? 0),
    checkpoints: routes.checkpoints?.done ?? 0,
    lastOffsetMs: report.lastOffsetMs(),
  }
}
