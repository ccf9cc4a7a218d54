import { SnapmintError } from '@snapmint/core/adapter'
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
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const controller = new AbortController()
      const giveUp = (reason: unknown) => {
        // The promise first: what the SDK makes of the abort, and when, is of no interest any more.
        reject(reason)
        controller.abort(reason)
      }
      const onAbort = () => giveUp(signal.reason)
      const timer = setTimeout(() => giveUp(timeoutError(action, timeoutMs)), timeoutMs)
      signal.addEventListener('abort', onAbort, { once: true })
      client()
        .then((ready) => {
          controller.signal.throwIfAborted()
          return call(ready, { abortSignal: controller.signal })
        })
        .then(resolve, async (thrown: unknown) => {
          // What goes wrong there goes wrong again at the next try, and is told then.
          await renewCredentials(thrown).catch(() => {})
          reject(classifyS3Error(thrown, { action, renewsCredentials }))
        })
        .catch(reject)
        .finally(() => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
        })
    })
}

function timeoutError(action: string, timeoutMs: number): SnapmintError {
  const message = `Could not ${action} within ${timeoutMs} ms: check the network and the store, or raise \`timeoutMs\` for slow links`
  return new SnapmintError('SNAPMINT_SINK_TIMEOUT', message, { adapter: 's3', retryable: true })
}
