import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createPipeline,
  directorySink,
  type FrameSource,
  type MemoryJobs,
  memoryJobs,
  type Pipeline,
  type PipelineEvents,
  type SnapmintError,
} from '@snapmint/core'
import { until } from './until.js'

/** A device's clock may run ahead of ours by so much, in ms. */
const maxFutureMs = 50

interface Captured {
  readonly captureTime: number
  /** When core had it, by the pipeline's clock. */
  readonly receiveTime: number
}

/** A pipeline of one camera that delivers to a directory, and what it has told. */
export interface Watched extends AsyncDisposable {
  readonly pipeline: Pipeline<'camera'>
  readonly jobs: MemoryJobs
  readonly frames: readonly Captured[]
  /** Emptied by tests that share a pipeline. */
  readonly failures: SnapmintError[]
  readonly notices: readonly PipelineEvents['source:notice'][]
  /** Waits until `condition` holds; the failure says what the source told so far. */
  until(what: string, condition: () => boolean): Promise<void>
  /** Waits for so many further frames. */
  more(count: number): Promise<void>
  picture(captureTime: number): Promise<Uint8Array>
}

/** A slow processor is no stall. */
const capture = { stallMs: 200_000 }

/** Starts a pipeline; with or without a first frame. */
export async function watch(source: FrameSource): Promise<Watched> {
  const jobs = memoryJobs()
  const sink = directorySink({ directory: await mkdtemp(join(tmpdir(), 'pictures-')) })
  const pipeline = createPipeline({ source, jobs, sink, capture })
  const frames: Captured[] = []
  const failures: SnapmintError[] = []
  const notices: PipelineEvents['source:notice'][] = []
  pipeline.on('frame:captured', ({ captureTime }) => frames.push({ captureTime, receiveTime: pipeline.now() }))
  pipeline.on('frame:rejected', ({ error }) => failures.push(error))
  pipeline.on('source:restarting', ({ error }) => failures.push(error))
  let givenUp = false
  pipeline.on('source:failed', ({ error }) => {
    givenUp = true
    failures.push(error)
  })
  pipeline.on('source:notice', (notice) => notices.push(notice))
  const said = () => tell(frames, failures, notices)
  const wait = (what: string, condition: () => boolean) =>
    until(
      what,
      () => {
        const holds = condition()
        if (!holds && givenUp) throw new Error(`It was given up before this: ${what}. ${said()}`)
        return holds
      },
      said,
    )
  const starting = pipeline.start()
  // A source that is given up has told so by its event.
  starting.catch(() => {})
  return {
    pipeline,
    jobs,
    frames,
    failures,
    notices,
    until: wait,
    more(count) {
      const wanted = frames.length + count
      return wait(`${count} more frames`, () => frames.length >= wanted)
    },
    async picture(captureTime) {
      const snapshot = await pipeline.snapshot('camera', { at: captureTime })
      assert.equal(snapshot.captureTime, captureTime, 'the history still has the picture')
      return snapshot.data
    },
    async [Symbol.asyncDispose]() {
      await pipeline.stop()
      assertHonest(frames)
    },
  }
}

/** Of all frames of a pipeline, whatever happened meanwhile. */
function assertHonest(frames: readonly Captured[]): void {
  frames.forEach(({ captureTime, receiveTime }, index) => {
    assert.ok(captureTime <= receiveTime + maxFutureMs, `frame ${index} is dated ${captureTime - receiveTime} ms ahead`)
    const previous = frames[index - 1]?.captureTime ?? 0
    assert.ok(captureTime > previous, `frame ${index}, of ${captureTime}, is dated after the one before it, of ${previous}`)
  })
}

/** What a camera that was taken away makes of a run: it depends on who notices first, the driver or the tool. */
const goneCodes = ['SNAPMINT_SOURCE_ENDED', 'SNAPMINT_SOURCE_NOT_FOUND', 'SNAPMINT_SOURCE_UNAVAILABLE']

/** Does every failure tell that the camera is gone, and nothing else? */
export function assertGone({ failures }: Watched): void {
  assert.ok(failures.length > 0)
  for (const { code, message } of failures) assert.ok(goneCodes.includes(code), `${code} tells that it is gone: ${message}`)
}

function tell(
  frames: readonly Captured[],
  failures: readonly SnapmintError[],
  notices: readonly PipelineEvents['source:notice'][],
): string {
  const errors = failures.map(({ code, message }) => `${code} (${message})`).join('; ')
  return `${frames.length} frames; errors: ${errors || 'none'}; notices: ${notices.map(({ message }) => message).join('; ') || 'none'}`
}
