import { parentPort } from 'node:worker_threads'
import { type HistoryHandle, openHistoryWriter } from '@snapmint/core'
import { threadInput } from '../lib/thread.js'
import { type Control, isPhase, sleepUntil } from './control.js'
import { makePictures, pictureOf } from './frames.js'
import { threadUsage } from './thread-usage.js'

/* The writer: pushes frame after frame, as fast as it can, in every phase of work. */

export interface WriterInput {
  readonly history: HistoryHandle
  readonly control: Control
}

/** What the writer reports at the end of each phase. */
export interface WriterReport {
  readonly frames: number
  readonly bytes: number
  readonly cpuMs: number
  readonly sleeps: number
}

const { history, control } = threadInput() as WriterInput
const writer = openHistoryWriter(history)
const pictures = makePictures()
let sequenceNumber = 0
let captureTime = Date.UTC(2026, 0, 1)

function writeUntilEnd(phase: number): WriterReport {
  const before = threadUsage()
  let frames = 0
  let bytes = 0
  while (isPhase(control, phase)) {
    const data = pictures[pictureOf(sequenceNumber)]!
    captureTime += 1
    sequenceNumber = writer.push({ mimeType: 'image/jpeg', captureTime, data }, captureTime) + 1
    frames++
    bytes += data.byteLength
  }
  const after = threadUsage()
  return { frames, bytes, cpuMs: after.cpuMs - before.cpuMs, sleeps: after.sleeps - before.sleeps }
}

parentPort!.postMessage('ready')
for (let phase = 1; ; phase += 2) {
  sleepUntil(control, phase)
  parentPort!.postMessage(writeUntilEnd(phase))
}
