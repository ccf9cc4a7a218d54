import type { CaptureContext, Frame } from '@snapmint/core/adapter'
import type { FfmpegVersion } from './ffmpeg/ffmpeg-version.js'
import type { FfmpegSourceOptions } from './ffmpeg-source-options.js'
import type { InputPlan } from './input/plan-input.js'

/** What a player is made from. Nothing is opened before the first `next()`. */
export interface PlayerOptions {
  readonly plan: InputPlan
  readonly options: FfmpegSourceOptions
  readonly context: Pick<CaptureContext, 'now' | 'notice'> & Partial<Pick<CaptureContext, 'allocate'>>
  /** The version of the program, asked for once. */
  readonly probe: (signal: AbortSignal) => Promise<FfmpegVersion>
}

/** Plays one input for one run of the source. */
export interface Player {
  /** The next frame. The first call opens the input. Rejects once with what ended the run, if that was a failure. */
  next(): Promise<IteratorResult<Frame>>
  /** Releases all it holds, then ends the iteration. Idempotent. */
  stop(): Promise<void>
}
