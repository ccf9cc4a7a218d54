import { maxDelayMs } from '../util/delay.js'
import { expectKnownOptions, expectNumber, expectObject, expectPositive } from '../util/expect-option.js'

/** How long a source that failed waits for its next run. */
export interface RestartOptions {
  /** Upper limit of the first delay in ms; it doubles with every failure in a row. Default 250. */
  readonly initialMs?: number | undefined
  /** Upper limit of every delay in ms. Default 2,000. The delay itself is drawn at random between half the limit and the limit. */
  readonly maxMs?: number | undefined
}

/** How one source is captured. */
export interface CaptureOptions {
  /**
   * A source of which no frame was accepted for so many ms is aborted and started anew; also before its first frame. Default 10,000. Raise it
   * for sources that are slow by design (one picture a minute).
   */
  readonly stallMs?: number | undefined
  /**
   * Reports `source:frozen` when the picture has not changed, byte for byte, for so many ms. Default: off. Only for stills; costs a copy and a
   * comparison of every frame.
   */
  readonly frozenMs?: number | undefined
  /** A frame whose captureTime is more than so many ms ahead of the pipeline's clock is rejected. Default 1,000. */
  readonly maxAheadMs?: number | undefined
  readonly restart?: RestartOptions | undefined
}

/** {@link CaptureOptions} with the defaults filled in; structured-cloneable. */
export interface CaptureSettings {
  readonly stallMs: number
  readonly frozenMs: number | undefined
  readonly maxAheadMs: number
  readonly restart: { readonly initialMs: number; readonly maxMs: number }
}

/** @throws TypeError or RangeError for options that are unknown or out of range. */
export function captureSettings(options: CaptureOptions = {}): CaptureSettings {
  expectObject('capture', options)
  expectKnownOptions('capture', options, ['stallMs', 'frozenMs', 'maxAheadMs', 'restart'])
  const { stallMs = 10_000, frozenMs, maxAheadMs = 1000, restart = {} } = options
  expectPositive('stallMs', stallMs)
  expectNumber('stallMs', stallMs, { max: maxDelayMs })
  if (frozenMs !== undefined) expectPositive('frozenMs', frozenMs)
  expectNumber('maxAheadMs', maxAheadMs, { min: 0 })
  expectObject('restart', restart)
  expectKnownOptions('restart', restart, ['initialMs', 'maxMs'])
  const { initialMs = 250, maxMs = 2000 } = restart
  expectNumber('restart.initialMs', initialMs, { min: 1, max: maxDelayMs })
  expectNumber('restart.maxMs', maxMs, { min: 1, max: maxDelayMs })
  return { stallMs, frozenMs, maxAheadMs, restart: { initialMs, maxMs } }
}
