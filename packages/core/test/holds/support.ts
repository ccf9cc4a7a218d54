import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckedRequest } from '../../src/delivery/select-frames.js'
import type { PipelineEvents, Snapshot } from '../../src/index.js'
import type { Emit } from '../../src/observe/event-bus.js'
import { sha256Hex } from '../../src/util/sha256.js'

/** As if the process had been killed: its lock stays behind, and it is dead. */
export function killOwner(directory: string): void {
  for (const name of readdirSync(directory)) if (name.startsWith('owner-')) rmSync(join(directory, name))
}

export const picturesIn = (directory: string): string[] => readdirSync(join(directory, 'pictures')).sort()

export function recordEvents() {
  const failed: PipelineEvents['hold:failed'][] = []
  const dropped: PipelineEvents['hold:dropped'][] = []
  const emit: Emit = (name, event) => {
    if (name === 'hold:failed') failed.push(event as never)
    if (name === 'hold:dropped') dropped.push(event as never)
  }
  return { emit, failed, dropped }
}

export async function snapshot(captureTime: number, bytes = 100): Promise<Snapshot> {
  const data = new Uint8Array(bytes).fill(captureTime & 255)
  const sha256 = await sha256Hex(data)
  return { kind: 'snapshot', source: 'camera', captureTime, mimeType: 'image/jpeg', data, sha256, codedWidth: 4, rotation: 90 }
}

export const wants = (targetTime: number, source = 'camera'): CheckedRequest => ({
  source,
  targetTime,
  lookup: { match: undefined, toleranceMs: undefined },
  optional: false,
})

export const never = new AbortController().signal
