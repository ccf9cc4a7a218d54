import type { SourceState } from '@snapmint/core'
import { formatCheckpoints, formatMegabytes, formatOffset } from './format.js'

/** What the status line shows. */
export interface StatusView {
  readonly camera: SourceState
  readonly frameRate: number
  readonly historyMs: number
  readonly historyBytes: number
  readonly done: number
  readonly failed: number
  /** Not delivered yet: in the folder, or waiting for a coming moment. */
  readonly waiting: number
  readonly checkpoints: number
  /** Of the picture delivered last; undefined before the first. */
  readonly lastOffsetMs: number | undefined
}

/** One line: how the camera fares, how far back the history reaches, what became of the jobs. */
export function statusLine(view: StatusView): string {
  const camera = view.camera === 'running' ? `${view.frameRate.toFixed(1)} fps` : `camera ${view.camera}`
  const history = `history ${(view.historyMs / 1000).toFixed(1)} s, ${formatMegabytes(view.historyBytes)}`
  const jobs = `jobs ${view.done} done, ${view.failed} failed, ${view.waiting} waiting`
  const last = view.lastOffsetMs === undefined ? '' : ` │ last ${formatOffset(view.lastOffsetMs)}`
  return `${camera} │ ${history} │ ${jobs} │ ${formatCheckpoints(view.checkpoints)}${last}`
}
