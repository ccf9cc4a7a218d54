import type { CaptureFigures } from '../capture/start-capture.js'
import type { HistoryStats } from '../history/history-reader.js'
import type { LedgerFigures } from '../jobs/ledger.js'
import type { PipelineState, SourceState } from '../observe/pipeline-events.js'

export interface SourceStatus extends CaptureFigures {
  readonly state: SourceState
  readonly history: HistoryStats
}

export interface RouteStatus extends LedgerFigures {
  /** Bytes of pictures copied out of the history and not stored yet. */
  readonly heldBytes: number
}

/** A pipeline at a glance. Plain data. */
export interface PipelineStatus<Name extends string = string> {
  readonly state: PipelineState
  readonly sources: { readonly [N in Name]: SourceStatus }
  readonly routes: { readonly [name: string]: RouteStatus }
  /** The pipeline's clock minus the system's wall clock, in ms. */
  readonly clockErrorMs: number
}

/** Of a source before the start. */
export const idleStatus: SourceStatus = {
  state: 'idle',
  run: 0,
  restarts: 0,
  accepted: 0,
  rejected: 0,
  lastError: undefined,
  history: {
    frames: 0,
    bytes: 0,
    maxBytes: 0,
    depthMs: 0,
    frameRate: 0,
    oldestCaptureTime: undefined,
    newestCaptureTime: undefined,
    pushed: 0,
    pushedBytes: 0,
    evicted: 0,
  },
}
