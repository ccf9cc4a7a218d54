import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fromPlainError, redactUrls } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { Frame } from '../spec/frame.js'
import type { CaptureContext, FrameSource } from '../spec/frame-source.js'
import { type ClockHandle, clockVersion, readClockLine } from '../time/pipeline-clock.js'
import { systemTimers } from '../time/timers.js'
import { childArguments } from './child-arguments.js'
import { createDropNotice } from './drop-notice.js'
import { createFrameQueue } from './frame-queue.js'
import type { MessageFromChild, MessageToChild, PlainHost } from './protocol.js'
import { toSourceError } from './source-error.js'

export interface ChildSourceOptions {
  /** The source's name in the pipeline, for messages. */
  readonly name: string
  readonly adapter: string
  readonly host: PlainHost
  readonly clock: ClockHandle
  /** Told the child's process id, and 0 once it is gone. */
  readonly onChild: (pid: number) => void
}

/** After the abort: SIGTERM after so many ms, SIGKILL after twice as many. Together they stay below the grace of an aborted run. */
const killStepMs = 700
/** How long to wait for what a child that is gone has still written, in ms: a grandchild may keep its pipes open. */
const drainMs = 500
const clockForwardMs = 250
const keptStderrBytes = 4096

/** A source that runs in a forked child of this thread, one child for each run. Its frames arrive as messages. */
export function childSource(options: ChildSourceOptions): FrameSource {
  return {
    specVersion: 1,
    adapter: options.adapter,
    frames: (context) => framesOfChild(options, context),
  }
}

async function* framesOfChild(options: ChildSourceOptions, { signal, notice }: CaptureContext): AsyncGenerator<Frame> {
  const { clock, onChild, host, adapter, name } = options
  const queue = createFrameQueue()
  const drops = createDropNotice(systemTimers, (count) =>
    notice?.(`${count} frames were dropped: the capture thread did not take them fast enough`, { count }),
  )
  let wake = () => {}
  const child = startChild(options)
  const exit = watchExit(child, () => wake())
  onChild(child.pid ?? 0)
  let finished: (MessageFromChild & { type: 'finished' }) | undefined
  child.on('message', (message: MessageFromChild) => {
    if (message.type === 'frame') drops.add(queue.push(message.frame))
    else if (message.type === 'notice') notice?.(message.message, message.details)
    else finished = message
    wake()
  })
  tell(child, { type: 'start', adapter, module: host.module, options: host.options, clock: readClockLine(clock) })
  const stopForwarding = forwardClock(child, clock)
  const killer = killOnAbort(child, signal)
  try {
    while (!signal.aborted) {
      if (queue.size > 0) yield queue.shift() as Frame
      else if (finished !== undefined || exit.over()) break
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    if (signal.aborted) return
    if (finished === undefined) throw crashedError(name, adapter, exit)
    if (finished.error !== undefined) throw toSourceError(fromPlainError(finished.error), name, adapter)
  } finally {
    drops.stop()
    stopForwarding()
    killer.begin()
    await exit.gone
    killer.stop()
    onChild(0)
  }
}

function startChild({ host }: ChildSourceOptions): ChildProcess {
  return fork(fileURLToPath(new URL('./capture-child.js', import.meta.url)), [String(process.pid)], {
    serialization: 'advanced',
    // What a native module prints is not the application's; the end of stderr explains a crash.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...host.env },
    execArgv: childArguments(process.execArgv),
  })
}

interface ChildExit {
  /** The child has exited, or could not be started, and everything it sent has arrived. */
  over(): boolean
  /** Resolves with {@link over}; never rejects. */
  readonly gone: Promise<void>
  /** How it ended: "exit code 1", "signal SIGSEGV". */
  reason(): string
  stderr(): string
}

function watchExit(child: ChildProcess, onOver: () => void): ChildExit {
  let over = false
  let reason = 'not started'
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderrBytes)
  })
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      over = true
      child.stderr?.destroy()
      resolve()
      onOver()
    }
    child.once('exit', (code, signal) => {
      reason = signal === null ? `exit code ${code}` : `signal ${signal}`
      setTimeout(end, drainMs).unref()
    })
    child.once('close', end)
    // Also a message that could not be sent to a child that has just died: its exit is reported by itself.
    child.on('error', (error) => {
      if (child.pid !== undefined) return
      reason = error.message
      end()
    })
  })
  return { over: () => over, gone, reason: () => reason, stderr: () => stderr.trim() }
}

function killOnAbort(child: ChildProcess, signal: AbortSignal) {
  let begun = false
  const timers: NodeJS.Timeout[] = []
  const begin = () => {
    if (begun) return
    begun = true
    tell(child, { type: 'abort' })
    timers.push(
      setTimeout(() => child.kill('SIGTERM'), killStepMs),
      setTimeout(() => child.kill('SIGKILL'), 2 * killStepMs),
    )
  }
  signal.addEventListener('abort', begin, { once: true })
  return {
    /** Ends the child: asks, then insists. Idempotent. */
    begin,
    stop(): void {
      signal.removeEventListener('abort', begin)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** Sends the clock's line to the child whenever it changes. */
function forwardClock(child: ChildProcess, clock: ClockHandle): () => void {
  let version = clockVersion(clock)
  return systemTimers.every(clockForwardMs, () => {
    const current = clockVersion(clock)
    if (current === version) return
    version = current
    tell(child, { type: 'clock', clock: readClockLine(clock) })
  })
}

function tell(child: ChildProcess, message: MessageToChild): void {
  // Without a callback a closed channel would raise an 'error' event for what its exit says anyway.
  if (child.connected) child.send(message, () => {})
}

function crashedError(name: string, adapter: string, exit: ChildExit): SnapmintError {
  const stderr = redactUrls(exit.stderr()).slice(-1000)
  return new SnapmintError(
    'SNAPMINT_SOURCE_CRASHED',
    `The process of source "${name}" (${adapter}) ended unexpectedly: ${exit.reason()}; it is started anew.${stderr === '' ? '' : ` Its last words: ${stderr}`}`,
    { retryable: true, adapter },
  )
}
