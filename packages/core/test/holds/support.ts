import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { CheckedRequest } from '../../src/delivery/select-frames.js'
import { type HoldStore, type HoldTuning, openHoldStore } from '../../src/holds/hold-store.js'
import type { HoldsOptions, PipelineEvents, Snapshot } from '../../src/index.js'
import type { Emit } from '../../src/observe/event-bus.js'
import { type FileSystem, systemFiles } from '../../src/util/durable-files.js'
import { sha256Hex } from '../../src/util/sha256.js'
import { withFiles } from '../builtin/temporary-folder.js'

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

/** Opens stores that are closed after each test. */
export function storesOfTests() {
  const stores: HoldStore[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })

  async function open(directory: string, options: Partial<HoldsOptions> = {}, tuning: HoldTuning = {}, signal = never) {
    const events = recordEvents()
    const store = await openHoldStore({ directory, fsync: false, ...options }, events.emit, signal, tuning)
    stores.push(store)
    const holds = store.route('r')
    return {
      ...events,
      store,
      holds,
      /** Keeps a picture for a job, as the board does. */
      async hold(jobId: string, captureTime: number, bytes = 100) {
        const picture = await holds.keep(await snapshot(captureTime, bytes))
        if (picture !== undefined) await holds.record([{ jobId, request: wants(captureTime) }], picture)
        return picture
      },
    }
  }

  return {
    open,
    async reopen(directory: string, options: Partial<HoldsOptions> = {}, tuning: HoldTuning = {}) {
      killOwner(directory)
      return open(directory, options, tuning)
    },
  }
}

/** Files whose functions a test can break and mend. */
export function breakable(broken: Partial<FileSystem>) {
  const state = { broken: false }
  const either = Object.entries(broken).map(([name, work]) => [
    name,
    (...args: never[]) =>
      ((state.broken ? work : systemFiles[name as keyof FileSystem]) as (...args: never[]) => unknown)(...args),
  ])
  return { state, files: withFiles(Object.fromEntries(either)) }
}
