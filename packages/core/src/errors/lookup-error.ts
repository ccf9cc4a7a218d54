import type { EpochMs } from '../spec/frame.js'
import { SnapmintError } from './snapmint-error.js'

export type LookupErrorCode = 'SNAPMINT_FRAME_EVICTED' | 'SNAPMINT_FRAME_NOT_YET' | 'SNAPMINT_FRAME_OUT_OF_TOLERANCE'

export interface LookupErrorOptions {
  readonly targetTime: EpochMs
  /** captureTime of the frame that comes nearest, if there is any. */
  readonly nearestCaptureTime?: EpochMs | undefined
  /** Whether the moment may still be captured. Default: for `SNAPMINT_FRAME_NOT_YET`. */
  readonly retryable?: boolean | undefined
}

/** The history has no frame that answers: too old, not captured yet, or none near enough. */
export class LookupError extends SnapmintError {
  override readonly name = 'LookupError'
  readonly targetTime: EpochMs
  readonly nearestCaptureTime: EpochMs | undefined

  constructor(code: LookupErrorCode, message: string, options: LookupErrorOptions) {
    const { targetTime, nearestCaptureTime, retryable = code === 'SNAPMINT_FRAME_NOT_YET' } = options
    super(code, message, { retryable })
    this.targetTime = targetTime
    this.nearestCaptureTime = nearestCaptureTime
  }

  static override isInstance(value: unknown): value is LookupError {
    return SnapmintError.isInstance(value) && value.name === 'LookupError'
  }
}
