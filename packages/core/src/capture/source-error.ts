import { inspect } from 'node:util'
import { errorMessage, redactUrls } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'

/** The SnapmintError for whatever a source threw: itself, or `SNAPMINT_SOURCE_FAILED` with the value as its cause. */
export function toSourceError(thrown: unknown, name: string, adapter: string): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const message =
    thrown instanceof Error
      ? `Source "${name}" (${adapter}) failed: ${errorMessage(thrown)}`
      : `Source "${name}" (${adapter}) threw ${showValue(thrown)}, which is no error; it is started anew`
  return new SnapmintError('SNAPMINT_SOURCE_FAILED', message, { cause: thrown, retryable: true, adapter })
}

/** A value as a person reads it: one line, at most 100 characters, no credentials. Works for values on which `String()` throws. */
export function showValue(value: unknown): string {
  let shown: string
  try {
    shown = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 4, maxStringLength: 80 })
  } catch {
    shown = typeof value
  }
  return redactUrls(shown.length > 100 ? `${shown.slice(0, 99)}…` : shown)
}
