import { SnapmintError, type SnapmintErrorCode, type SnapmintErrorOptions } from '@snapmint/core/adapter'

/** A SnapmintError of this adapter. Retryable unless told otherwise: windows, monitors and servers come back. */
export function screenError(
  code: SnapmintErrorCode,
  message: string,
  options: Pick<SnapmintErrorOptions, 'retryable' | 'retryAfterMs' | 'cause'> = {},
): SnapmintError {
  return new SnapmintError(code, message, { adapter: 'screen', retryable: true, ...options })
}
