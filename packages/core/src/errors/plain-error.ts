import { inspect } from 'node:util'
import type { JobError } from '../spec/job-error.js'
import type { SnapmintErrorCode } from './error-codes.js'
import { SnapmintError } from './snapmint-error.js'

/** The structured-cloneable form in which an error crosses a thread or process border. */
export interface PlainError {
  readonly name: string
  readonly message: string
  readonly stack?: string | undefined
  readonly code?: string | undefined
  readonly retryable?: boolean | undefined
  readonly retryAfterMs?: number | undefined
  readonly adapter?: string | undefined
}

/** Message of anything that was thrown, credentials in URLs removed. */
export function errorMessage(thrown: unknown): string {
  return redactUrls(messageText(thrown))
}

/** Anything can be thrown, and SDKs do: errors whose `message` is no string, objects that cannot be turned into one. */
function messageText(thrown: unknown): string {
  try {
    if (typeof thrown === 'string') return thrown
    const message: unknown = (thrown as { readonly message?: unknown } | null | undefined)?.message
    return typeof message === 'string' && message !== ''
      ? message
      : inspect(thrown instanceof Error ? (message ?? thrown.name) : thrown, { depth: 2 })
  } catch {
    return 'an error that cannot be shown'
  }
}

/** Replaces the user and password of every URL in `text`: `rtsp://***@host/`. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1***@')
}

export function toPlainError(thrown: unknown): PlainError {
  if (SnapmintError.isInstance(thrown)) {
    const { name, message, stack, code, retryable, retryAfterMs, adapter } = thrown
    return { name, message: redactUrls(message), stack: redactUrls(stack ?? ''), code, retryable, retryAfterMs, adapter }
  }
  if (thrown instanceof Error)
    return { name: thrown.name, message: errorMessage(thrown), stack: redactUrls(String(thrown.stack)) }
  return { name: 'Error', message: errorMessage(thrown) }
}

/** The error that {@link toPlainError} described: a SnapmintError where it was one. */
export function fromPlainError(plain: PlainError): Error {
  const error =
    plain.code === undefined
      ? Object.assign(new Error(plain.message), { name: plain.name })
      : new SnapmintError(plain.code as SnapmintErrorCode, plain.message, plain)
  if (plain.stack !== undefined && plain.stack !== '') error.stack = plain.stack
  return error
}

/** What a job source stores of an error; `fallback` is the code for errors that are not Snapmint's own. */
export function toJobError(thrown: unknown, fallback: SnapmintErrorCode): JobError {
  return { code: SnapmintError.isInstance(thrown) ? thrown.code : fallback, message: errorMessage(thrown) }
}
