import { parentPort } from 'node:worker_threads'
import { attachHistory, createHistory, type HistoryHandle, type HistoryReader, openHistoryWriter } from '@snapmint/core'
import { threadInput } from '../lib/thread.js'
import { type Control, isPhase, modeOf, sleepUntil } from './control.js'
import { isWhole, makePictures, pictureOf } from './frames.js'

/* A reader: holds frames of random moments and checks every byte, of the history that is written, or of one of its own that is as large and still. */

export interface ReaderInput {
  readonly history: HistoryHandle
  readonly historyBytes: number
  readonly control: Control
}

/** What a reader reports at the end of each phase. */
export interface ReaderReport {
  readonly reads: number
  readonly bytes: number
  readonly torn: number
}

const { history, historyBytes, control } = threadInput() as ReaderInput
const shared = attachHistory(history)
const own = attachHistory(ownHistory())

function ownHistory(): HistoryHandle {
  const handle = createHistory({ maxBytes: historyBytes, durationMs: 3_600_000 })
  const writer = openHistoryWriter(handle)
  const pictures = makePictures()
  const reader = attachHistory(handle)
  for (let n = 0; reader.stats().evicted === 0; n++)
    writer.push({ mimeType: 'image/jpeg', captureTime: n + 1, data: pictures[pictureOf(n)]! }, n + 1)
  return handle
}

function readUntilEnd(phase: number, reader: HistoryReader): ReaderReport {
  let reads = 0
  let bytes = 0
  let torn = 0
  while (isPhase(control, phase)) {
    const { oldestCaptureTime = 0, newestCaptureTime = 0, frames } = reader.stats()
    if (frames === 0) continue
    const { info, run } = reader.hold(oldestCaptureTime + Math.random() * (newestCaptureTime - oldestCaptureTime))
    const { captureTime, data } = run[0]!
    if (captureTime !== info.captureTime || data.byteLength !== info.bytes || !isWhole(data, info.sequenceNumber)) torn++
    reads++
    bytes += data.byteLength
  }
  return { reads, bytes, torn }
}

const idle: ReaderReport = { reads: 0, bytes: 0, torn: 0 }

parentPort!.postMessage('ready')
for (let phase = 1; ; phase += 2) {
  sleepUntil(control, phase)
  const mode = modeOf(control)
  const report = mode === 'alone' ? idle : readUntilEnd(phase, mode === 'together' ? shared : own)
  parentPort!.postMessage(report)
}
