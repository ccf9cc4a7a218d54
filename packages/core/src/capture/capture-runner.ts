import type { HistoryHandle } from '../history/history.js'
import type { FrameSource } from '../spec/frame-source.js'
import type { ClockHandle } from '../time/pipeline-clock.js'
import type { Timers } from '../time/timers.js'
import type { CaptureBoard } from './capture-board.js'
import type { CaptureSettings } from './capture-options.js'
import type { SourceEmit } from './capture-supervisor.js'

/** What runs one source, here or elsewhere. */
export interface CaptureRunner {
  /** Call once. */
  start(): void
  /** Resolves when nothing of the source runs any more, or after about 5 s. Never rejects. Idempotent. */
  stop(): Promise<void>
}

export interface CaptureRunnerOptions {
  readonly name: string
  readonly source: FrameSource
  readonly history: HistoryHandle
  readonly clock: ClockHandle
  readonly settings: CaptureSettings
  readonly board: CaptureBoard
  readonly emit: SourceEmit
  readonly timers: Timers
  /** From 0 to 1. */
  readonly random: () => number
}
