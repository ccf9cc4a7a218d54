import { types } from 'node:util'

/** Whether `thrown` reports the abort of `signal`: its reason untouched, or an error by the name of AbortError, as Node's own functions throw. */
export function isAbortOf(signal: AbortSignal, thrown: unknown): boolean {
  if (thrown === signal.reason) return true
  const isError = types.isNativeError(thrown) || thrown instanceof Error
  return isError && thrown.name === 'AbortError'
}

/** How a thrown value reads in a failure message. */
export function describeThrown(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    const { name, code, message } = thrown as { name?: unknown; code?: unknown; message: unknown }
    return `${String(name ?? 'error')}${code === undefined ? '' : ` ${String(code)}`}: ${String(message)}`
  }
  return `${typeof thrown} ${JSON.stringify(thrown) ?? String(thrown)}`
}

/** The reason with which the suites abort: no AbortError, so that an adapter which makes up its own error is told from one that passes this on. */
export function abortReason(): Error {
  return new Error('the conformance suite ended this run')
}
