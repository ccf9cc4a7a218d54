import type { FrameSource } from '@snapmint/core/adapter'
import { createDeadline, type Within } from '../runner/within.js'
import { type FrameSample, takeSample } from './frame-sample.js'
import type { FrameSourceCapabilities, FrameSourceConformanceOptions } from './frame-source-options.js'
import { openRun, type SourceRun, type SourceRunOptions } from './source-run.js'

/** The suite's options with their defaults filled in. */
export interface SourceSettings {
  readonly create: () => FrameSource | Promise<FrameSource>
  readonly inUse: (() => boolean | Promise<boolean>) | undefined
  readonly capabilities: Required<{ [K in keyof FrameSourceCapabilities]: boolean }>
  readonly frames: number
  readonly timeoutMs: number
  readonly endWithinMs: number
  readonly maxAgeMs: number
  readonly maxFutureMs: number
}

/** What a rule works with. */
export interface SourceTest {
  readonly settings: SourceSettings
  readonly within: Within
  create(): Promise<FrameSource>
  /** The first frames of one run, read once for all rules. */
  sample(): Promise<FrameSample>
  /** Opens a run, which is closed when the rule is through. */
  open(source: FrameSource, options?: Partial<SourceRunOptions>): SourceRun
}

export function resolveSettings(options: FrameSourceConformanceOptions): SourceSettings {
  const { capabilities = {}, frames = 5, timeoutMs = 3000, endWithinMs = 1500, maxAgeMs = 30_000, maxFutureMs = 50 } = options
  const { finite = false, video = false, decoder = video, usesAllocate = false } = capabilities
  const { usesPipelineClock = true, restartable = true, resources = true } = capabilities
  return {
    create: () => options.create(),
    inUse: options.inUse && (() => options.inUse?.() ?? false),
    capabilities: { finite, video, decoder, usesAllocate, usesPipelineClock, restartable, resources },
    frames: Math.max(2, frames),
    timeoutMs,
    endWithinMs,
    maxAgeMs,
    maxFutureMs,
  }
}

/** Opens the context of one rule after another; the sample is shared among them. */
export function createSourceTests(settings: SourceSettings): (check: (test: SourceTest) => Promise<void>) => Promise<void> {
  const { timeoutMs, endWithinMs, frames: count } = settings
  let sample: Promise<FrameSample> | undefined
  return async (check) => {
    const within = createDeadline(timeoutMs)
    const runs: SourceRun[] = []
    const create = () => within('create() should return a source', Promise.resolve(settings.create()))
    try {
      await check({
        settings,
        within,
        create,
        sample() {
          sample ??= create().then((source) => takeSample(source, { count, endWithinMs, within }))
          return sample
        },
        open(source, options) {
          const run = openRun(source, { endWithinMs, ...options })
          runs.push(run)
          return run
        },
      })
    } finally {
      await Promise.all(runs.map((run) => run.close()))
    }
  }
}
