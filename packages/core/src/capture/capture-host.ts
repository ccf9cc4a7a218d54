import { Worker, type WorkerOptions } from 'node:worker_threads'
import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { SourceHost } from '../spec/frame-source.js'
import type { CaptureRunner, CaptureRunnerOptions } from './capture-runner.js'
import { retryAfter, type SupervisorOutcome } from './capture-supervisor.js'
import { type CaptureWorkerData, emitPacked, type MessageFromWorker, type MessageToWorker } from './protocol.js'
import { startWorkerGuard } from './worker-guard.js'

/** How long a worker may take to stop by itself, in ms: what an aborted run has, and some. Then it is terminated. */
const stopGraceMs = 3000
/** When `stop()` resolves at the latest, in ms. */
const stopLimitMs = 5000
/** A terminated thread that is still there after so many ms is stuck in native code. */
const stuckMs = 5000

/** Starts a worker thread. */
export type StartWorker = (url: URL, options: WorkerOptions) => Worker

const startThread: StartWorker = (url, options) => new Worker(url, { ...options, ...threadArguments(process.execArgv) })

/** `node --input-type=module -e …`: its threads would inherit a flag with which no file can be run. All other flags are inherited. */
function threadArguments(execArgv: readonly string[]): Pick<WorkerOptions, 'execArgv'> {
  return execArgv.some((argument) => argument.startsWith('--input-type')) ? { execArgv: [] } : {}
}

/** One worker's life, as the main thread sees it. */
interface WorkerLife {
  readonly worker: Worker
  outcome?: SupervisorOutcome
  error?: SnapmintError
}

/**
 * Runs a source in a capture worker (and, for `process`, in a forked child of it). The worker supervises its source; this side supervises the worker: one that
 * crashes, no longer responds, or has lost a source that ignores aborts, is replaced.
 */
export function createCaptureHost(
  options: CaptureRunnerOptions & { readonly host: SourceHost; readonly startWorker?: StartWorker | undefined },
): CaptureRunner {
  const { name, source, board, emit, timers, settings, startWorker = startThread } = options
  const { adapter } = source
  const crashed = (code: 'SNAPMINT_SOURCE_CRASHED' | 'SNAPMINT_SOURCE_UNRESPONSIVE', what: string) =>
    new SnapmintError(code, `The capture thread of source "${name}" (${adapter}) ${what}; it is started anew`, {
      retryable: true,
      adapter,
    })
  let life: WorkerLife | undefined
  let stopping: Promise<void> | undefined
  let cancelRestart = () => {}
  let onGone = () => {}

  function start(): void {
    let worker: Worker
    try {
      worker = startWorker(new URL('./capture-worker.js', import.meta.url), {
        name: `snapmint ${name}`,
        workerData: workerData(options),
      })
    } catch (thrown) {
      fail(thrown)
      return
    }
    const current: WorkerLife = { worker }
    life = current
    const stopGuard = startWorkerGuard({
      heartbeat: () => board.get('heartbeat'),
      stallMs: settings.stallMs,
      timers,
      onUnresponsive(silentMs) {
        current.error = crashed('SNAPMINT_SOURCE_UNRESPONSIVE', `has not responded for ${Math.round(silentMs)} ms`)
        terminate(current)
      },
    })
    worker.on('message', (message: MessageFromWorker) => {
      if (message.type === 'event') return emitPacked(message, emit)
      current.outcome = message.outcome
      terminate(current)
    })
    worker.on('error', (thrown) => {
      current.error ??= crashed('SNAPMINT_SOURCE_CRASHED', `ended with an error that nobody caught: ${errorMessage(thrown)}`)
    })
    worker.once('exit', (code) => {
      stopGuard()
      killLeftChild()
      life = undefined
      gone(current, code)
    })
  }

  function terminate(current: WorkerLife): void {
    const cancel = timers.after(stuckMs, () => {
      const message = `The capture thread of source "${name}" does not end: it is stuck in native code. Its adapter should declare a host of kind "process"`
      emit('source:notice', { source: name, message })
    })
    current.worker.once('exit', cancel)
    void current.worker.terminate()
  }

  function gone({ outcome, error }: WorkerLife, code: number): void {
    onGone()
    if (stopping !== undefined) return
    if (outcome !== undefined) {
      if (outcome.kind === 'abandoned') restartAfter(outcome.delayMs)
      return
    }
    const cause = error ?? crashed('SNAPMINT_SOURCE_CRASHED', `ended unexpectedly with exit code ${code}`)
    const delayMs = retryAfter(options, cause)
    emit('source:restarting', { source: name, run: board.get('run'), delayMs, error: cause })
    restartAfter(delayMs)
  }

  function restartAfter(delayMs: number): void {
    if (stopping === undefined) cancelRestart = timers.after(delayMs, start)
  }

  /** The worker cannot be started at all: its data cannot be cloned. */
  function fail(thrown: unknown): void {
    const advice = "a source's host options must be cloneable (no functions, no clients)"
    const error = new SnapmintError(
      'SNAPMINT_SOURCE_FAILED',
      `The capture thread of source "${name}" (${adapter}) cannot be started: ${errorMessage(thrown)}; ${advice}`,
      { cause: thrown, adapter },
    )
    board.apply('fail')
    emit('source:failed', { source: name, error })
  }

  /** A terminated worker could not see to its child, whose event loop may be stuck as well. */
  function killLeftChild(): void {
    const pid = board.get('childPid')
    if (pid === 0) return
    board.set('childPid', 0)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has gone already.
    }
  }

  async function stopNow(): Promise<void> {
    cancelRestart()
    const current = life
    if (current !== undefined) {
      const message: MessageToWorker = { type: 'stop' }
      current.worker.postMessage(message)
      await new Promise<void>((resolve) => {
        const cancelGrace = timers.after(stopGraceMs, () => terminate(current))
        const cancelLimit = timers.after(stopLimitMs, resolve)
        onGone = () => {
          cancelGrace()
          cancelLimit()
          resolve()
        }
      })
    }
    board.apply('stop')
  }

  return {
    start() {
      board.apply('start')
      start()
    },
    stop() {
      stopping ??= stopNow()
      return stopping
    },
  }
}

function workerData({
  name,
  source,
  host,
  history,
  clock,
  board,
  settings,
}: CaptureRunnerOptions & { readonly host: SourceHost }): CaptureWorkerData {
  return {
    name,
    adapter: source.adapter,
    finite: source.finite === true,
    host: { kind: host.kind, module: host.module.href, options: host.options, env: host.env ?? {} },
    history,
    clock,
    board: board.buffer,
    settings,
  }
}
