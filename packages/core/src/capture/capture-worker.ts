import { parentPort, workerData } from 'node:worker_threads'
import { openHistoryWriter } from '../history/history-writer.js'
import { openClock } from '../time/pipeline-clock.js'
import { systemTimers } from '../time/timers.js'
import { openCaptureBoard } from './capture-board.js'
import { createCaptureSupervisor } from './capture-supervisor.js'
import { childSource } from './child-source.js'
import { loadSource } from './load-source.js'
import { type CaptureWorkerData, type MessageFromWorker, packEvent } from './protocol.js'
import { heartbeatMs } from './worker-guard.js'

/* The capture worker: supervises one source and writes its history, whatever the main thread does. Started by capture-host.ts. */

const { name, adapter, finite, host, history, clock, board: buffer, settings } = workerData as CaptureWorkerData
const board = openCaptureBoard(buffer)
// Before the source's code gets a chance to block this thread.
board.increment('heartbeat')
systemTimers.every(heartbeatMs, () => board.increment('heartbeat'))

const post = (message: MessageFromWorker) => parentPort?.postMessage(message)
const child = childSource({ name, adapter, host, clock, onChild: (pid) => board.set('childPid', pid) })
const supervisor = createCaptureSupervisor({
  name,
  adapter,
  finite,
  open: () => (host.kind === 'process' ? child : loadSource(host.module, host.options, adapter)),
  writer: openHistoryWriter(history),
  clock: openClock(clock),
  settings,
  board,
  emit: (event, payload) => post(packEvent(event, payload)),
  timers: systemTimers,
  random: Math.random,
  replaceable: true,
})
parentPort?.on('message', supervisor.stop)
const outcome = await supervisor.run()
post({ type: 'finished', outcome })
