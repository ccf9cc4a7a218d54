import assert from 'node:assert/strict'
import type { Frame, FrameSource, VideoChunk } from '@snapmint/core/adapter'
import type { Within } from '../runner/within.js'
import { nextFrame, openRun } from './source-run.js'

/** A frame as it was read, with what the rules compare it to. */
export interface SampledFrame {
  readonly frame: Frame
  /** Its place in the run, from 1. */
  readonly position: number
  /** A copy of the bytes, taken before the next frame was asked for. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The run's clock when the frame had arrived. */
  readonly readAt: number
  /** How many views `allocate()` had handed out by then. */
  readonly allocationsSoFar: number
}

/** The first frames of one run, which has ended since. */
export interface FrameSample {
  readonly source: FrameSource
  readonly frames: readonly SampledFrame[]
  readonly allocations: readonly Uint8Array[]
}

/** Reads the first `count` frames of a run, and ends it. */
export async function takeSample(
  source: FrameSource,
  { count, endWithinMs, within }: { readonly count: number; readonly endWithinMs: number; readonly within: Within },
): Promise<FrameSample> {
  const run = openRun(source, { endWithinMs })
  const frames: SampledFrame[] = []
  try {
    for (let position = 1; position <= count; position += 1) {
      const frame = await nextFrame(run, within, `${position}.`)
      assert.ok(
        typeof frame === 'object' && frame !== null && ArrayBuffer.isView(frame.data),
        `Frame ${position} has no bytes: a frame is an object with \`captureTime\`, \`data\` (a Uint8Array) and \`mimeType\` or \`codec\` and \`type\``,
      )
      const bytes = bytesOf(frame.data).slice()
      frames.push({ frame, position, bytes, readAt: run.now(), allocationsSoFar: run.allocations.length })
    }
  } finally {
    await run.close()
  }
  return { source, frames, allocations: run.allocations }
}

export function isVideoChunk(frame: Frame): frame is VideoChunk {
  return 'codec' in frame
}

/** The bytes of any view, where they lie. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
