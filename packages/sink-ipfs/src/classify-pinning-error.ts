import { SnapmintError } from '@snapmint/core/adapter'
import { causeOf, type Failure, readFailure } from './read-failure.js'
import { byErrorNumber, final, forbidden, full, passing, type Verdict } from './verdict.js'

/** An answer that is an error. */
export interface PinningRefusal extends Error {
  /** `INSUFFICIENT_FUNDS` and the like. */
  readonly reason: string
  readonly response: { readonly status: number; readonly headers: Headers }
}

const byStatus: Readonly<Record<number, Verdict>> = {
  400: final('the service does not understand the request: check `endpoint`'),
  401: forbidden('the token is missing or wrong: correct `token`'),
  402: full('the account has used up what it may: top it up'),
  403: forbidden('the token may not do this: give one that may pin'),
  404: passing('the service knows no such request any more, or `endpoint` is none of the Pinning Service API'),
  408: passing('the service waited too long'),
  409: passing('another request for the same content is under way'),
  413: final('the service takes nothing of this size'),
  425: passing('the service asks to come again'),
  429: passing('the service asks for fewer requests'),
}

/** What went wrong with a service, as an error that core can act upon; the token is taken out of whatever it echoed. */
export function classifyPinningError(
  thrown: unknown,
  { action, token }: { readonly action: string; readonly token: string },
): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const failure = readFailure(thrown, [token])
  const { code, retryable, advice } = verdictOf(failure, (thrown as Partial<PinningRefusal>).reason)
  const { status, errorNumber, message, retryAfterMs } = failure
  const what = [status === undefined ? '' : `HTTP ${status}`, errorNumber ?? '', message].filter((part) => part !== '').join(': ')
  return new SnapmintError(code, `Could not ${action}: ${advice}${what === '' ? '' : ` (${what})`}`, {
    adapter: 'ipfs',
    retryable,
    cause: causeOf(undefined, failure),
    ...(retryable && retryAfterMs !== undefined ? { retryAfterMs } : {}),
  })
}

function verdictOf({ status, errorNumber }: Failure, reason: string | undefined): Verdict {
  if (reason === 'INSUFFICIENT_FUNDS') return byStatus[402]!
  if (isDuplicate(status, reason)) return byStatus[409]!
  if (status === undefined) return byErrorNumber[errorNumber ?? ''] ?? passing('the connection or the answer broke off')
  if (byStatus[status] !== undefined) return byStatus[status]
  if (status >= 300 && status < 400) return final('the address has moved, and the token goes nowhere else: correct `endpoint`')
  return status < 500 ? final('the service refuses the request') : passing('the service has a fault')
}

const isDuplicate = (status: number | undefined, reason: string | undefined) =>
  status === 409 || (status === 400 && reason !== undefined && /^DUPLICATE/i.test(reason))
