import { existsSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { CaptureOptions } from '../../../src/capture/capture-options.js'
import { startCapture } from '../../../src/capture/start-capture.js'
import { createHistory } from '../../../src/history/history.js'
import { attachHistory } from '../../../src/history/history-reader.js'
import type { SourceEvents } from '../../../src/observe/pipeline-events.js'
import type { FrameSource } from '../../../src/spec/frame-source.js'
import { createClock, openClock } from '../../../src/time/pipeline-clock.js'
import type { Told } from './inline-capture.js'

/** Where the built worker and child lie: threads cannot run the sources. */
const distUrl = new URL('../../../dist/', import.meta.url)
if (!existsSync(new URL('capture-worker.js', distUrl)))
  throw new Error('Build packages/core first (npx tsup): workers run from dist')

export interface HostedOptions {
  readonly kind: 'thread' | 'process'
  /** A file of test/fixtures. */
  readonly fixture?: string
  readonly options?: unknown
  readonly env?: Record<string, string>
  readonly finite?: boolean
  readonly capture?: CaptureOptions
}

/** Captures a fixture in a real worker (and a real child). */
export function captureHosted({
  kind,
  fixture = 'counting-source.mjs',
  options = {},
  env,
  finite,
  capture: captureOptions,
}: HostedOptions) {
  const source: FrameSource = {
    specVersion: 1,
    adapter: 'fixture',
    frames: () => {
      throw new Error('a hosted source must not run on the main thread')
    },
    finite,
    host: { kind, module: new URL(`../../fixtures/${fixture}`, import.meta.url), options, env },
  }
  const history = createHistory({ maxBytes: 8 * 2 ** 20, durationMs: 3_600_000 })
  const clock = createClock()
  const told: Told[] = []
  const workers: Worker[] = []
  const capture = startCapture({
    name: 'easel',
    source,
    history,
    clock,
    options: { restart: { initialMs: 20, maxMs: 100 }, ...captureOptions },
    emit: (event, payload) => told.push([event, payload] as unknown as Told),
    startWorker(url, workerOptions) {
      const worker = new Worker(new URL(url.pathname.split('/').at(-1)!, distUrl), workerOptions)
      workers.push(worker)
      return worker
    },
  })
  const all = <K extends keyof SourceEvents>(event: K) =>
    told.filter(([name]) => name === event).map(([, payload]) => payload as SourceEvents[K])
  return {
    capture,
    clock: openClock(clock),
    clockHandle: clock,
    reader: attachHistory(history),
    told,
    all,
    workers,
    /** Process ids of the sources' runs, oldest first. */
    pids: () =>
      all('source:notice')
        .filter(({ message }) => message === 'opened')
        .map(({ details }) => Number(details!.pid)),
  }
}

/** Waits for a condition; the deadline is for a machine that is very busy. */
export async function until(condition: () => boolean, what: string, deadlineMs = 25_000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Whether a process runs; one that is dead and only not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
