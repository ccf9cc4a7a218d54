import type { SnapmintError } from '../errors/snapmint-error.js'
import type { HistoryHandle } from '../history/history.js'
import type { SourceState } from '../observe/pipeline-events.js'
import type { FrameSource } from '../spec/frame-source.js'
import type { ClockHandle } from '../time/pipeline-clock.js'
import { systemTimers, type Timers } from '../time/timers.js'
import { expectObject, expectOneOf, expectString } from '../util/expect-option.js'
import { openCaptureBoard } from './capture-board.js'
import { createCaptureHost, type StartWorker } from './capture-host.js'
import { type CaptureOptions, captureSettings } from './capture-options.js'
import type { CaptureRunnerOptions } from './capture-runner.js'
import type { SourceEmit } from './capture-supervisor.js'
import { createInlineCapture } from './inline-capture.js'
import { createMilestones } from './milestones.js'

export interface StartCaptureOptions {
  /** The source's name in the pipeline. */
  readonly name: string
  readonly source: FrameSource
  readonly history: HistoryHandle
  readonly clock: ClockHandle
  readonly options?: CaptureOptions | undefined
  /** Told every event; must not throw. */
  readonly emit: SourceEmit
  /** From 0 to 1, for the jitter of restarts. Default `Math.random`; a capture worker uses its own. */
  readonly random?: () => number
  /** Default: those of this thread; a capture worker uses its own. */
  readonly timers?: Timers
  /** Starts the capture worker. Default: a `Worker` of node:worker_threads. */
  readonly startWorker?: StartWorker
}

export interface CaptureFigures {
  /** The run that is on, or was the last; counts from 1. */
  readonly run: number
  /** How often the source was started anew. */
  readonly restarts: number
  /** Frames accepted, of all runs. */
  readonly accepted: number
  /** Frames refused, of all runs. */
  readonly rejected: number
  /** The error that ended the last run that failed. */
  readonly lastError: SnapmintError | undefined
}

/** One source under capture. */
export interface Capture {
  /**
   * Resolves when the first frame is in the history. Failures that a restart may mend do not end the wait. Rejects with the error for which the source
   * is given up, with `SNAPMINT_SOURCE_ENDED` when a finite source ends without a frame, with `SNAPMINT_PIPELINE_STOPPED` after `stop()`. Nobody has to look at it.
   */
  readonly firstFrame: Promise<void>
  /** Resolves when the first run has given a frame, has ended, or has failed in a way that a restart may mend. Rejects like `firstFrame` otherwise. */
  readonly firstAttempt: Promise<void>
  state(): SourceState
  figures(): CaptureFigures
  /** Ends the capture. Resolves when its thread and its child are gone, after about 5 s at the latest; never rejects. Idempotent. */
  stop(): Promise<void>
}

/**
 * Captures a source into a history, where its `host` says: in a worker thread, in a forked child of one, or inline. Runs at once and until it is
 * stopped, ends or fails for good. The history must have no other writer.
 *
 * @throws TypeError, RangeError for options of the wrong kind.
 */
export function startCapture(options: StartCaptureOptions): Capture {
  const { name, source, history, clock, emit, random = Math.random, timers = systemTimers, startWorker } = options
  expectString('name', name)
  checkSource(source)
  const settings = captureSettings(options.options)
  const board = openCaptureBoard()
  const milestones = createMilestones(name)
  let lastError: SnapmintError | undefined
  const observed: SourceEmit = (event, payload) => {
    if (event !== 'frame:rejected' && 'error' in payload) lastError = payload.error
    milestones.observe(event, payload)
    emit(event, payload)
  }
  const runnerOptions: CaptureRunnerOptions = { name, source, history, clock, settings, board, emit: observed, timers, random }
  const runner =
    source.host === undefined
      ? createInlineCapture(runnerOptions)
      : createCaptureHost({ ...runnerOptions, host: source.host, startWorker })
  runner.start()

  return {
    firstFrame: milestones.firstFrame,
    firstAttempt: milestones.firstAttempt,
    state: board.state,
    figures: () => ({
      run: board.get('run'),
      restarts: board.get('restarts'),
      accepted: board.get('accepted'),
      rejected: board.get('rejected'),
      lastError,
    }),
    async stop() {
      milestones.stopped()
      await runner.stop()
    },
  }
}

function checkSource(source: unknown): void {
  expectObject('source', source)
  expectOneOf('source.specVersion', source.specVersion, [1])
  expectString('source.adapter', source.adapter)
  if (typeof source.frames !== 'function') throw new TypeError('Expected `source.frames` to be a function')
  if (source.host === undefined) return
  expectObject('source.host', source.host)
  expectOneOf('source.host.kind', source.host.kind, ['thread', 'process'])
  if (typeof (source.host.module as URL | undefined)?.href !== 'string')
    throw new TypeError('Expected `source.host.module` to be a URL')
}
