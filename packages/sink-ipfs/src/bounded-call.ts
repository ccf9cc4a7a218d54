import { bounded, SnapmintError } from '@snapmint/core/adapter'

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
export function boundedCall<T>({ action, signal, timeoutMs, advice, call, classify }: BoundedCall<T>): Promise<T> {
  return bounded(
    async (callSignal) => {
      try {
        return await call(callSignal)
      } catch (thrown) {
        throw classify(thrown)
      }
    },
    { signal, timeoutMs, timeoutError: () => timeoutError(action, timeoutMs, advice) },
  )
}

function timeoutError(action: string, timeoutMs: number, advice: string): SnapmintError {
  const message = `Could not ${action} within ${timeoutMs} ms: ${advice}`
  return new SnapmintError('SNAPMINT_SINK_TIMEOUT', message, { adapter: 'ipfs', retryable: true })
}
