import type { FrameSource } from '@snapmint/core/adapter'
import type { FrameSourceConformanceOptions } from '../../src/index.js'

/** A source that breaks the contract in one way, and the rules that must notice. */
export interface BrokenSource {
  readonly create: () => FrameSource
  readonly options?: Partial<Omit<FrameSourceConformanceOptions, 'describe' | 'it' | 'create'>>
  readonly fails: readonly string[]
}

/** Short enough to wait for, for adapters that hang. */
export const hanging = { timeoutMs: 1500, endWithinMs: 300 } as const

/** Rules that judge the frames of one run: without frames none of them can pass. */
export const rulesOfTheSample: readonly string[] = [
  'frames › yields frames until it is told to end',
  'frames › yields frames with bytes, as a Uint8Array that is not empty',
  'frames › says of each frame what it is, and tells the truth',
  'frames › describes size and rotation as the picture has them',
  'time › stamps frames in milliseconds since the Unix epoch, near the moment they are read',
  'time › stamps no frame with a time that is still to come',
  'time › stamps frames strictly increasing, by at least a microsecond',
  'memory › does not touch the bytes of a frame after yielding it',
  'memory › declares `usesAllocate` when it uses allocate()',
]

/** Rules that open a run of their own and read from it. */
export const rulesOfOtherRuns: readonly string[] = [
  "time › takes the time from the pipeline's clock, not from one of its own",
  'the end of a run › ends when the signal aborts while next() is pending',
  'the end of a run › ends when the signal has aborted between two frames',
  'the end of a run › ends promptly when aborted while a frame is being waited for',
  'the end of a run › reports an abort by ending or by its reason, never as a failure',
  'the end of a run › ends when return() is called, and stays ended',
  'the next run › runs again after a run has ended',
  'the next run › stamps the frames of a later run after those of an earlier one',
]
