import { Worker } from 'node:worker_threads'
import { type PlainError, toPlainError } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { CaptureContext } from '../spec/frame-source.js'
import { createClockFrom, openClock, replaceClockLine } from '../time/pipeline-clock.js'
import { systemTimers } from '../time/timers.js'
import { expectNumber } from '../util/expect-option.js'
import { drainSource } from './drain-source.js'
import { createDropNotice } from './drop-notice.js'
import { createFrameQueue } from './frame-queue.js'
import { loadSource } from './load-source.js'
import { cloneable, type MessageFromChild, type MessageToChild } from './protocol.js'
import { showValue } from './source-error.js'

/*
 * The forked child: one run of one source. It is started by child-source.ts, told what to run by its first message, and exits after it.
 * It must not outlive the pipeline: it ends when the channel closes, and a watching thread ends it even when its own is stuck in native code.
 */

/** How long the source may clean up after the pipeline has gone, in ms. */
const orphanGraceMs = 500
/** The channel writes only when the event loop turns: a source that yields on and on must let it, sooner than in a thread. */
const breathAfterMs = 2
/** Messages handed to the channel and not yet written. More of them would pile up there without bound. */
const maxUnwritten = 2

const abort = new AbortController()
let idle = true
const write = (message: MessageFromChild, written: () => void) => {
  if (process.connected) process.send?.(message, undefined, undefined, written)
}

process.once('message', (first: MessageToChild) => {
  if (first.type === 'start') void runSource(first)
})
process.once('disconnect', () => {
  abort.abort(new SnapmintError('SNAPMINT_PIPELINE_STOPPED', 'The pipeline is gone'))
  setTimeout(() => process.exit(0), orphanGraceMs).unref()
  if (idle) process.exit(0)
})
// Ctrl-C reaches the whole process group; the pipeline decides when its source ends, which may be after it has drained.
process.on('SIGINT', () => {})
watchParent()

async function runSource(start: MessageToChild & { type: 'start' }): Promise<void> {
  idle = false
  const clock = createClockFrom(start.clock)
  process.on('message', (message: MessageToChild) => {
    if (message.type === 'clock') replaceClockLine(clock, message.clock)
    if (message.type === 'abort') abort.abort(new SnapmintError('SNAPMINT_PIPELINE_STOPPED', 'The run is over'))
  })
  const sender = createSender()
  let failure: { error?: PlainError } = {}
  try {
    const source = await loadSource(start.module, start.options, start.adapter)
    await drainSource(source, contextFor(openClock(clock).now, sender.notice), sender.frame, breathAfterMs)
  } catch (thrown) {
    failure = { error: plainFailure(thrown) }
  }
  await sender.flush()
  write({ type: 'finished', ...failure }, () => process.exit(0))
}

function plainFailure(thrown: unknown): PlainError {
  const error = thrown instanceof Error || SnapmintError.isInstance(thrown)
  return toPlainError(error ? thrown : new Error(`it threw ${showValue(thrown)}, which is no error`))
}

function contextFor(now: CaptureContext['now'], notice: NonNullable<CaptureContext['notice']>): CaptureContext {
  return {
    signal: abort.signal,
    now,
    allocate(byteLength) {
      expectNumber('byteLength', byteLength, { min: 1, integer: true })
      return new Uint8Array(byteLength)
    },
    notice,
  }
}

/** Sends frames in order; when the pipeline does not read them fast enough, the oldest are dropped. */
function createSender() {
  const queue = createFrameQueue()
  const drops = createDropNotice(systemTimers, (count) =>
    notice(`${count} frames were dropped: the pipeline did not take them from the source's process fast enough`, { count }),
  )
  let unwritten = 0
  let flushed = () => {}

  function notice(message: string, details?: Readonly<Record<string, unknown>>): void {
    write({ type: 'notice', message: String(message), details: cloneable(details) }, () => {})
  }

  function pump(): void {
    while (queue.size > 0 && unwritten < maxUnwritten) {
      unwritten++
      send(queue.shift())
    }
    if (unwritten === 0) flushed()
  }

  function written(): void {
    unwritten--
    pump()
  }

  function send(frame: unknown): void {
    try {
      write({ type: 'frame', frame }, written)
    } catch {
      // It cannot be cloned, so it is no frame: its description is refused in its place.
      write({ type: 'frame', frame: showValue(frame) }, written)
    }
  }

  return {
    frame(frame: unknown): void {
      drops.add(queue.push(frame))
      pump()
    },
    notice,
    flush(): Promise<void> {
      drops.stop()
      return new Promise((resolve) => {
        flushed = resolve
        pump()
      })
    },
  }
}

function watchParent(): void {
  // Told by the parent itself: it may be gone before this process has come to ask the system.
  const code = `const parent = require('node:worker_threads').workerData
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, 1000)`
  new Worker(code, { eval: true, execArgv: [], workerData: Number(process.argv[2]) }).unref()
}
