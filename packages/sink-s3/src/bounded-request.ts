import { bounded, SnapmintError } from '@snapmint/core/adapter'
import { classifyS3Error, isTokenEnded } from './classify-s3-error.js'
import type { S3CallOptions, S3LikeClient } from './s3-client.js'

/** One request to the store: bounded in time, over as soon as `signal` aborts, its error classified. */
export type S3Request = <T>(
  /** Completes "Could not …" in messages. */
  action: string,
  signal: AbortSignal,
  call: (client: S3LikeClient, options: S3CallOptions) => Promise<T>,
) => Promise<T>

export interface RequesterOptions {
  readonly client: () => Promise<S3LikeClient>
  readonly timeoutMs: number
  readonly renewsCredentials: boolean
}

export function createRequester({ client, timeoutMs, renewsCredentials }: RequesterOptions): S3Request {
  /** The SDK keeps credentials until they end by its own reckoning, and those without an end for ever. */
  async function renewCredentials(thrown: unknown): Promise<void> {
    if (!renewsCredentials || !isTokenEnded(thrown)) return
    const { config } = await client()
    await config?.credentials?.({ forceRefresh: true })
  }

  return (action, signal, call) =>
    bounded(
      async (abortSignal) => {
        try {
          const ready = await client()
          abortSignal.throwIfAborted()
          return await call(ready, { abortSignal })
        } catch (thrown) {
          // What goes wrong there goes wrong again at the next try, and is told then.
          await renewCredentials(thrown).catch(() => {})
          throw classifyS3Error(thrown, { action, renewsCredentials })
        }
      },
      { signal, timeoutMs, timeoutError: () => timeoutError(action, timeoutMs) },
    )
}

function timeoutError(action: string, timeoutMs: number): SnapmintError {
  const message = `Could not ${action} within ${timeoutMs} ms: check the network and the store, or raise \`timeoutMs\` for slow links`
  return new SnapmintError('SNAPMINT_SINK_TIMEOUT', message, { adapter: 's3', retryable: true })
}
