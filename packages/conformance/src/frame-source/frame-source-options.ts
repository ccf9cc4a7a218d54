import type { FrameSource } from '@snapmint/core/adapter'
import type { ConformanceRunner } from '../runner/conformance-runner.js'
import type { FailureCase } from '../runner/failure-case.js'

/** What a frame source can do. Each one declared is tested; the plain camera of stills needs none. */
export interface FrameSourceCapabilities {
  /** The material has an end: every run ends by itself, within `timeoutMs`. Default false. */
  readonly finite?: boolean | undefined
  /** Frames are chunks of a video stream and not stills. Default false. */
  readonly video?: boolean | undefined
  /** The source brings a `decoder`. Default: that of `video`. */
  readonly decoder?: boolean | undefined
  /** Frames are written into what `allocate()` returns. Default false. */
  readonly usesAllocate?: boolean | undefined
  /** captureTime follows the context's `now()`. False where the device stamps by a clock of its own. Default true. */
  readonly usesPipelineClock?: boolean | undefined
  /** `frames()` can be called again after a run has ended, as core does when it restarts a source. Default true. */
  readonly restartable?: boolean | undefined
  /** Look for timers, sockets and processes left alive. False where the test itself opens some while it runs. Default true. */
  readonly resources?: boolean | undefined
}

export interface FrameSourceConformanceOptions extends ConformanceRunner {
  /** Makes a source. Called anew for each rule; servers and devices that the source needs are started outside. */
  create(): FrameSource | Promise<FrameSource>
  readonly capabilities?: FrameSourceCapabilities | undefined
  /** Heads the suite. Default `frame source`. */
  readonly name?: string | undefined
  /** How many frames to read and judge; at least 2. Default 5. */
  readonly frames?: number | undefined
  /** How long the steps of one rule may take together, in ms: `frames` frames from a cold device included. Default 3000. */
  readonly timeoutMs?: number | undefined
  /** How soon a run must end after an abort or `return()`, in ms. Default 1500. */
  readonly endWithinMs?: number | undefined
  /** How far captureTime may lie before the moment of reading, in ms. Default 30000: pre-buffered frames carry their own time. */
  readonly maxAgeMs?: number | undefined
  /** How far captureTime may lie after the moment of reading, in ms: the error of a device's clock. Default 50. */
  readonly maxFutureMs?: number | undefined
  /** Whether the device (or the test's double of it) is open now. Given, the suite looks that each run opens and releases it. */
  inUse?(): boolean | Promise<boolean>
  /** Ways to fail: each source made here must throw instead of yielding. */
  readonly failures?: readonly FailureCase<FrameSource>[] | undefined
}
