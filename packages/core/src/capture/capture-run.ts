import { SnapmintError } from '../errors/snapmint-error.js'
import type { Timers } from '../time/timers.js'
import { type CaptureLoopOptions, captureLoop } from './capture-loop.js'
import { toSourceError } from './source-error.js'
import { startStallWatchdog } from './stall-watchdog.js'

/** How long an aborted source may take to end, in ms. Then it is abandoned. */
export const abortGraceMs = 2000

/** How a run ended. */
export interface RunResult {
  readonly end: 'ended' | 'failed' | 'stalled' | 'stopped'
  /** With `failed` and `stalled`. */
  readonly error?: SnapmintError
  /** The source did not end within the grace after the abort; its code may still be running. */
  readonly abandoned: boolean
}

export interface CaptureRun {
  /** Never rejects. */
  readonly result: Promise<RunResult>
  /** Aborts the run. Idempotent. */
  stop(): void
}

export interface CaptureRunOptions extends Omit<CaptureLoopOptions, 'signal'> {
  readonly name: string
  readonly adapter: string
  readonly stallMs: number
  readonly timers: Timers
}

/** One run of a source under a stall watchdog. */
export function startCaptureRun(options: CaptureRunOptions): CaptureRun {
  const { name, adapter, stallMs, timers } = options
  const abort = new AbortController()
  let cancelGrace = () => {}
  let verdict: Omit<RunResult, 'abandoned'> | undefined
  let rejected = 0
  let lastRejection: SnapmintError | undefined
  let settle: (result: RunResult) => void
  const result = new Promise<RunResult>((resolve) => {
    settle = resolve
  })

  const watchdog = startStallWatchdog(stallMs, timers, () => {
    end({ end: 'stalled', error: stalledError(name, adapter, stallMs, rejected, lastRejection) })
  })

  function end(why: Omit<RunResult, 'abandoned'>): void {
    if (verdict !== undefined) return
    verdict = why
    watchdog.stop()
    cancelGrace = timers.after(abortGraceMs, () => settle({ ...why, abandoned: true }))
    abort.abort(why.error ?? new SnapmintError('SNAPMINT_PIPELINE_STOPPED', `The capture of source "${name}" was stopped`))
  }

  function over(why: Omit<RunResult, 'abandoned'>): void {
    watchdog.stop()
    cancelGrace()
    verdict ??= why
    settle({ ...verdict, abandoned: false })
  }

  captureLoop({
    ...options,
    signal: abort.signal,
    onAccepted(frame) {
      watchdog.feed()
      options.onAccepted(frame)
    },
    onRejected(error) {
      rejected++
      lastRejection = error
      options.onRejected(error)
    },
  }).then(
    () => over({ end: 'ended' }),
    (thrown: unknown) => over({ end: 'failed', error: toSourceError(thrown, name, adapter) }),
  )
  return { result, stop: () => end({ end: 'stopped' }) }
}

function stalledError(
  name: string,
  adapter: string,
  stallMs: number,
  rejected: number,
  lastRejection: SnapmintError | undefined,
): SnapmintError {
  const why = lastRejection === undefined ? '' : ` (${rejected} were rejected, the last: ${lastRejection.message})`
  return new SnapmintError(
    'SNAPMINT_SOURCE_STALLED',
    `Source "${name}" (${adapter}) gave no usable frame for ${stallMs} ms${why}; it is started anew. Raise \`stallMs\` if it is slow by design`,
    { retryable: true, adapter },
  )
}
