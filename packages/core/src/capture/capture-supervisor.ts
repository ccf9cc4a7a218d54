import { SnapmintError } from '../errors/snapmint-error.js'
import type { HistoryWriter } from '../history/history-writer.js'
import type { SourceEvents } from '../observe/pipeline-events.js'
import type { Frame } from '../spec/frame.js'
import type { FrameSource } from '../spec/frame-source.js'
import type { PipelineClock } from '../time/pipeline-clock.js'
import type { Timers } from '../time/timers.js'
import { backoffMs } from '../util/backoff.js'
import type { CaptureBoard } from './capture-board.js'
import type { CaptureSettings } from './capture-options.js'
import { abortGraceMs, type CaptureRun, type RunResult, startCaptureRun } from './capture-run.js'
import { createFrozenDetector } from './frozen-detector.js'
import { createRejectionReporter } from './rejection-reporter.js'

/** A run that delivered frames for so many ms clears the count of failures. */
const soundRunMs = 10_000

/** Tells one event of a source. */
export type SourceEmit = <K extends keyof SourceEvents>(event: K, payload: SourceEvents[K]) => void

/**
 * Why the supervisor ended. `abandoned`: the source ignored an abort, and this thread is to be replaced by a new one after `delayMs`
 * (only where `replaceable`).
 */
export type SupervisorOutcome =
  | { readonly kind: 'ended' | 'failed' | 'stopped' }
  | { readonly kind: 'abandoned'; readonly delayMs: number }

export interface CaptureSupervisorOptions {
  /** The source's name in the pipeline. */
  readonly name: string
  readonly adapter: string
  /** Ending is success. */
  readonly finite: boolean
  /** Opens the source, once for each run. */
  readonly open: () => FrameSource | Promise<FrameSource>
  readonly writer: HistoryWriter
  readonly clock: PipelineClock
  readonly settings: CaptureSettings
  /** Run number and failures go on from what it says. */
  readonly board: CaptureBoard
  readonly emit: SourceEmit
  readonly timers: Timers
  /** From 0 to 1. */
  readonly random: () => number
  /** Whether the thread is replaced when a source ignores the abort; otherwise its next run starts beside what is left of it. */
  readonly replaceable: boolean
}

export interface CaptureSupervisor {
  /** Runs the source again and again. Call once; never rejects. */
  run(): Promise<SupervisorOutcome>
  /** Makes `run` resolve, within the grace that an aborted source has. Idempotent. */
  stop(): void
}

/** Runs a source, restarts it when it fails, stalls or ends, and reports what happens. */
export function createCaptureSupervisor(options: CaptureSupervisorOptions): CaptureSupervisor {
  const { name, adapter, finite, settings, board, emit, timers } = options
  const frozen =
    settings.frozenMs === undefined
      ? undefined
      : createFrozenDetector(settings.frozenMs, (unchangedMs) => emit('source:frozen', { source: name, unchangedMs }))
  const rejections = createRejectionReporter(timers, (error, count) => emit('frame:rejected', { source: name, error, count }))
  let stopping = false
  let current: CaptureRun | undefined
  let wake = () => {}

  function startRun(): CaptureRun {
    const run = board.increment('run')
    board.apply('start')
    let firstAt: number | undefined
    const onAccepted = (frame: Frame) => {
      board.increment('accepted')
      if (firstAt === undefined) {
        firstAt = timers.now()
        board.apply('frame')
        emit('source:started', { source: name, run })
      } else if (board.get('failures') !== 0 && timers.now() - firstAt >= soundRunMs) {
        board.set('failures', 0)
      }
      frozen?.observe(frame)
    }
    const onRejected = (error: SnapmintError) => {
      board.increment('rejected')
      rejections.reject(error)
    }
    const onNotice = (message: string, details?: Readonly<Record<string, unknown>>) =>
      emit('source:notice', { source: name, message: String(message), details })
    return startCaptureRun({
      ...options,
      stallMs: settings.stallMs,
      maxAheadMs: settings.maxAheadMs,
      onAccepted,
      onRejected,
      onNotice,
    })
  }

  /** The error for which a run is followed by another one, if it is. */
  function failureOf({ end, error }: RunResult): SnapmintError | undefined {
    if (end !== 'ended') return error
    return finite ? undefined : endedError(name, adapter)
  }

  async function run(): Promise<SupervisorOutcome> {
    while (!stopping) {
      current = startRun()
      const result = await current.result
      rejections.flush()
      const run = board.get('run')
      if (result.abandoned) emit('source:notice', { source: name, message: abandonedMessage(name) })
      if (stopping) break
      const error = failureOf(result)
      if (error === undefined) {
        board.apply('end')
        emit('source:ended', { source: name, run })
        return { kind: 'ended' }
      }
      if (result.end === 'failed' && !error.retryable) {
        board.apply('fail')
        emit('source:failed', { source: name, error })
        return { kind: 'failed' }
      }
      if (result.end === 'stalled') emit('source:stalled', { source: name, run, stallMs: settings.stallMs, error })
      const delayMs = retryAfter(options, error)
      emit('source:restarting', { source: name, run, delayMs, error })
      if (result.abandoned && options.replaceable) return { kind: 'abandoned', delayMs }
      await pause(delayMs)
    }
    board.apply('stop')
    return { kind: 'stopped' }
  }

  async function pause(delayMs: number): Promise<void> {
    if (stopping) return
    await new Promise<void>((resolve) => {
      const cancel = timers.after(delayMs, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })
  }

  return {
    run,
    stop() {
      stopping = true
      current?.stop()
      wake()
    },
  }
}

/** Notes on the board that another run follows, and returns when, in ms. */
export function retryAfter(
  { board, settings, random }: Pick<CaptureSupervisorOptions, 'board' | 'settings' | 'random'>,
  error: SnapmintError,
): number {
  // The advice comes from an adapter: it may be anything.
  const advisedMs = Number(error.retryAfterMs)
  const delayMs = Math.round(
    backoffMs(board.increment('failures'), settings.restart, random, Number.isFinite(advisedMs) ? advisedMs : 0),
  )
  board.increment('restarts')
  board.apply('retry')
  return delayMs
}

function endedError(name: string, adapter: string): SnapmintError {
  return new SnapmintError(
    'SNAPMINT_SOURCE_ENDED',
    `Source "${name}" (${adapter}) ended, though it is live; it is started anew. A source that may end declares \`finite: true\``,
    { retryable: true, adapter },
  )
}

function abandonedMessage(name: string): string {
  return `Source "${name}" did not end within ${abortGraceMs} ms of being aborted and was abandoned; its adapter should end its iterable when \`signal\` aborts`
}
