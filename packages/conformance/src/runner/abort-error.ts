/**
 * Whether `thrown` reports the abort of `signal`: its reason untouched, or an error that names itself AbortError or carries the
 * reason as a cause, as Node's own functions throw it.
 */
export function isAbortOf(signal: AbortSignal, thrown: unknown): boolean {
  let error: unknown = thrown
  for (let depth = 0; depth < 8; depth += 1) {
    if (error === signal.reason) return true
    if (typeof error !== 'object' || error === null) return false
    const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: unknown }
    if (name === 'AbortError' || code === 'ABORT_ERR') return true
    error = cause
  }
  return false
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
