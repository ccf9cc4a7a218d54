import type { SnapmintErrorCode } from './error-codes.js'

const brand = Symbol.for('snapmint.error')

export interface SnapmintErrorOptions extends ErrorOptions {
  /** The adapter that raised it. */
  readonly adapter?: string | undefined
  /** Whether the same call may succeed later. Default false. */
  readonly retryable?: boolean | undefined
  /** The service's own advice, in ms. */
  readonly retryAfterMs?: number | undefined
}

/** Every error that Snapmint raises on its own account, except wrong arguments (`TypeError`, `RangeError`) and aborts (`signal.reason`). */
export class SnapmintError extends Error {
  override readonly name: string = 'SnapmintError'
  readonly code: SnapmintErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly adapter: string | undefined

  constructor(code: SnapmintErrorCode, message: string, options: SnapmintErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
    this.adapter = options.adapter
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether `value` is a SnapmintError of any copy of this package. */
  static isInstance(value: unknown): value is SnapmintError {
    return typeof value === 'object' && value !== null && brand in value
  }
}
