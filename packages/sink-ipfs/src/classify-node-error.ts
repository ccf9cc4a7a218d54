import { SnapmintError } from '@snapmint/core/adapter'
import { causeOf, type Failure, readFailure } from './read-failure.js'
import { byErrorNumber, final, forbidden, full, passing, type Verdict } from './verdict.js'

const noRpc = final(
  'there is no RPC API at this address: correct `url`. A gateway is not enough, it only reads; the RPC API has a port of its own, 5001 by default',
)

const byStatus: Readonly<Record<number, Verdict>> = {
  401: forbidden('the node wants an authorization: give `authorization`'),
  403: forbidden(
    'the node refuses: give `authorization`, and check API.Authorizations in its configuration and what stands before it',
  ),
  404: noRpc,
  405: noRpc,
  408: passing('the node waited too long for the bytes'),
  410: final('the node is told not to keep this content: see its denylist'),
  413: final('what stands before the node takes no request of this size: raise its limit, or lower `directory.maxPictures`'),
  429: passing('the node asks for fewer requests'),
  507: full('the node has no space left: make room'),
}

/** A node answers 500 to nearly everything; its message tells what it was. */
const byMessage: readonly (readonly [RegExp, Verdict])[] = [
  [
    /no space left|disk quota|storage limit|StorageMax|not enough (disk )?space/i,
    full('the node has no space left: make room, unpin, or raise Datastore.StorageMax'),
  ],
  [/blocked and cannot be provided|denylist/i, final('the node is told not to keep this content: see its denylist')],
  [/read-only file system|permission denied/i, forbidden('the node may not write to its own repository: see its permissions')],
  [
    /unknown (command|option)|invalid (chunker|cid[- ]version)|unrecognized chunker/i,
    final('the node does not know a part of the request: update it'),
  ],
]

/** What a client threw, as an error that core can act upon, without the `secrets`. What is a SnapmintError already stays as it is. */
export function classifyNodeError(thrown: unknown, action: string, secrets: readonly string[] = []): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const failure = readFailure(thrown, secrets)
  const { code, retryable, advice } = verdictOf(failure)
  const { status, errorNumber, message, retryAfterMs } = failure
  const what = [status === undefined ? '' : `HTTP ${status}`, errorNumber ?? '', message].filter((part) => part !== '').join(': ')
  return new SnapmintError(code, `Could not ${action}: ${advice} (${what})`, {
    adapter: 'ipfs',
    retryable,
    cause: causeOf(thrown, failure),
    ...(retryable && retryAfterMs !== undefined ? { retryAfterMs } : {}),
  })
}

function verdictOf({ status, errorNumber, message, name }: Failure): Verdict {
  const verdict = byMessage.find(([pattern]) => pattern.test(message))?.[1]
  if (verdict !== undefined && (status === undefined || status >= 500)) return verdict
  if (status === undefined) {
    if (name === 'TimeoutError') return passing('the node did not manage in the time that it gives itself')
    return byErrorNumber[errorNumber ?? ''] ?? passing('the connection or the answer broke off')
  }
  if (byStatus[status] !== undefined) return byStatus[status]
  if (status >= 300 && status < 400) return final('the address has moved: correct `url`')
  return status < 500 ? final('the node refuses the request') : passing('the node has a fault')
}

/** HTTP status behind a classified error, if there was an answer. */
export function statusOf(error: unknown): number | undefined {
  if (!SnapmintError.isInstance(error)) return undefined
  const { status } = (error.cause ?? {}) as { readonly status?: unknown }
  return typeof status === 'number' ? status : undefined
}

/** The client's own words behind a classified error. */
export function messageBehind(error: unknown): string {
  return SnapmintError.isInstance(error) && error.cause instanceof Error ? error.cause.message : ''
}
