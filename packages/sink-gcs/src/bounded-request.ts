import { bounded, SnapmintError } from '@snapmint/core/adapter'
import { classifyGcsError } from './classify-gcs-error.js'
import type { GcsBucketLike, GcsFileLike } from './gcs-client.js'

/** What a request may use to be ended, and to show that it gets on. */
export interface RequestContext {
  /** Aborts when the request shall end, for whatever reason. */
  readonly signal: AbortSignal
  /** The time starts anew. */
  progress(): void
}

/** One call of the SDK: bounded in time, over as soon as `signal` aborts, its error classified. */
export type GcsRequest = <T>(
  /** Completes "Could not …" in messages. */
  action: string,
  key: string,
  signal: AbortSignal,
  call: (file: GcsFileLike, context: RequestContext) => Promise<T>,
) => Promise<T>

export interface RequesterOptions {
  readonly bucket: () => Promise<GcsBucketLike>
  readonly timeoutMs: number
}

export function createRequester({ bucket, timeoutMs }: RequesterOptions): GcsRequest {
  return (action, key, signal, call) =>
    bounded(
      async (callSignal, progress) => {
        try {
          const file = (await bucket()).file(key)
          callSignal.throwIfAborted()
          boundRequests(file, timeoutMs, callSignal)
          return await call(file, { signal: callSignal, progress })
        } catch (thrown) {
          throw classifyGcsError(thrown, action)
        }
      },
      { signal, timeoutMs, timeoutError: () => timeoutError(action, timeoutMs) },
    )
}

/**
 * The SDK takes neither a signal nor, for most calls, a limit of time, but hands what an interceptor adds on to its HTTP client. Version 7 has two of those: the one that
 * begins resumable uploads heeds the signal, the other one only the time, after which it closes the connection of a request that was given up.
 */
function boundRequests(file: GcsFileLike, timeout: number, signal: AbortSignal): void {
  file.interceptors?.push({ request: (options: object) => ({ ...options, timeout, signal }) })
}

function timeoutError(action: string, timeoutMs: number): SnapmintError {
  const message = `Could not ${action} within ${timeoutMs} ms: check the network and the store, or raise \`timeoutMs\` for slow links`
  return new SnapmintError('SNAPMINT_SINK_TIMEOUT', message, { adapter: 'gcs', retryable: true })
}
