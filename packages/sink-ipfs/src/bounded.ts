import { SnapmintError } from '@snapmint/core/adapter'

export interface BoundedCall<T> {
  /** Completes "Could not …" in messages. */
  readonly action: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** What to do about a call that takes too long. */
  readonly advice: string
  call(signal: AbortSignal): Promise<T>
  classify(thrown: unknown): unknown
}

/**
 * One call: bounded in time, over as soon as `signal` aborts whether the callee heeds it or not, its error classified.
 *
 * @throws `SNAPMINT_SINK_TIMEOUT`, the signal's reason, or what `classify` answers.
 */
export function bounded<T>({ action, signal, timeoutMs, advice, call, classify }: BoundedCall<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const controller = new AbortController()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    const giveUp = (reason: unknown) => {
      end()
      // The promise first: what the client makes of the abort, and when, is of no interest any more.
      reject(reason)
      controller.abort(reason)
    }
    const onAbort = () => giveUp(signal.reason)
    const timer = setTimeout(() => giveUp(timeoutError(action, timeoutMs, advice)), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    Promise.resolve()
      .then(() => call(controller.signal))
      .then(resolve, (thrown: unknown) => reject(classify(thrown)))
      .finally(end)
  })
}

function timeoutError(action: string, timeoutMs: number, advice: string): SnapmintError {
  const message = `Could not ${action} within ${timeoutMs} ms: ${advice}`
  return new SnapmintError('SNAPMINT_SINK_TIMEOUT', message, { adapter: 'ipfs', retryable: true })
}
