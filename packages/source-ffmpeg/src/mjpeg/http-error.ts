import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import type { InputPlan } from '../input/plan-input.js'

/** Wrong credentials asked too often lock an account or ban an address. */
const unauthorizedRetryMs = 30_000
/** Longer advice of a server is not followed, in ms. */
const maxRetryAfterMs = 3_600_000

/** Whom a message is about: the input, without its secrets. */
export type Named = Pick<InputPlan, 'label' | 'redact'>

export function inputError(
  { label, redact }: Named,
  code: SnapmintErrorCode,
  what: string,
  retryAfterMs?: number | undefined,
): SnapmintError {
  return new SnapmintError(code, redact(`Input "${label}": ${what}`), { adapter: 'ffmpeg', retryable: true, retryAfterMs })
}

/**
 * What a status other than 200 means.
 * @param loggedIn whether credentials were sent.
 */
export function statusError(named: Named, status: number, retryAfter: string | undefined, loggedIn: boolean): SnapmintError {
  const retryAfterMs = readRetryAfter(retryAfter)
  if (status === 401 || status === 403) {
    const advice =
      status === 401 && !loggedIn
        ? 'it wants a user name and a password: http://user:password@host/…'
        : 'check the user name, the password and what they permit'
    const wait = Math.max(unauthorizedRetryMs, retryAfterMs ?? 0)
    return inputError(named, 'SNAPMINT_SOURCE_UNAUTHORIZED', `the server answered ${status}; ${advice}`, wait)
  }
  const what = `the server answered ${status}; check the address and that the device is on`
  return inputError(named, 'SNAPMINT_SOURCE_UNAVAILABLE', what, retryAfterMs)
}

/** `Retry-After` in seconds; its form with a date is not used by cameras. */
function readRetryAfter(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text) * 1000, maxRetryAfterMs) : undefined
}

const untrustedCertificate = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_|ERR_TLS_CERT_|ERR_SSL_)/

/** What the failure of a connection means. Node's own errors are not kept as the cause: they may hold the address with its secrets. */
export function connectionError(named: Named, thrown: unknown, pictures: number): SnapmintError {
  const { code = '', message = '' } = thrown as NodeJS.ErrnoException
  if (SnapmintError.isInstance(thrown)) return thrown
  if (untrustedCertificate.test(code)) {
    const advice = `name the authority that signed it in NODE_EXTRA_CA_CERTS, or let FFmpeg read it unchecked: inputOptions ['-tls_verify', '0']`
    return inputError(
      named,
      'SNAPMINT_SOURCE_UNAVAILABLE',
      `its certificate is not trusted (${code}); ${advice}`,
      unauthorizedRetryMs,
    )
  }
  const why = message || code
  if (pictures > 0 && !/TIMEOUT|TIMEDOUT/.test(code))
    return inputError(named, 'SNAPMINT_SOURCE_ENDED', `the connection was lost after ${pictures} pictures: ${why}`)
  return inputError(named, 'SNAPMINT_SOURCE_UNAVAILABLE', `${why}; check the address and that the device is on`)
}
