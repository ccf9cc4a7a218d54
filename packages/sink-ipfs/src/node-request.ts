import { boundedCall } from './bounded-call.js'
import { classifyNodeError } from './classify-node-error.js'
import type { IpfsCallOptions, IpfsLikeClient } from './ipfs-client.js'

/** One request to the node: bounded in time, over as soon as `signal` aborts, its error classified. */
export type NodeRequest = <T>(
  /** Completes "Could not …" in messages. */
  action: string,
  signal: AbortSignal,
  call: (client: IpfsLikeClient, options: IpfsCallOptions) => Promise<T>,
) => Promise<T>

export interface NodeRequesterOptions {
  readonly client: () => Promise<IpfsLikeClient>
  readonly timeoutMs: number
  /** Header of every request; kept out of errors. */
  readonly authorization: string | undefined
}

export function createNodeRequester({ client, timeoutMs, authorization = '' }: NodeRequesterOptions): NodeRequest {
  // What follows `Basic` or `Bearer` is the secret, with and without that word.
  const secrets = [authorization, authorization.slice(authorization.indexOf(' ') + 1)]
  return (action, signal, call) =>
    boundedCall({
      action,
      signal,
      timeoutMs,
      advice: 'check the network and the node, or raise `timeoutMs` for slow links',
      async call(callSignal) {
        const ready = await client()
        callSignal.throwIfAborted()
        return call(ready, { signal: callSignal })
      },
      classify: (thrown) => classifyNodeError(thrown, action, secrets),
    })
}
