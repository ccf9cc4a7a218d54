import { errorMessage, SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'

/** Wrong credentials asked too often lock an account. */
const unauthorizedRetryMs = 30_000

const unauthorized = /not\s?authorized|unauthorized|authentication fail|authentication headers not found|access denied|forbidden/i
const network = /^(E[A-Z_]+|UNABLE_|CERT_|DEPTH_|SELF_SIGNED|HPE_|ERR_TLS)/
const certificate = /UNABLE_TO_VERIFY|CERT_|SELF_SIGNED|ALTNAME_INVALID/

export interface OnvifFailure {
  /** What was asked for: "its profiles". */
  readonly asked: string
  /** The camera, as host and port. */
  readonly label: string
  /** The HTTP status of its last answer, if it gave one. */
  readonly status: number | undefined
  /** Must not be read in a message. */
  readonly secrets: readonly string[]
  readonly timeoutMs: number
}

/** Stands for an answer that did not come in time. */
export const noAnswer = Symbol('no answer')

/** Whether the camera refused the credentials. */
function isUnauthorized(thrown: unknown, status: number | undefined): boolean {
  return status === 401 || status === 403 || unauthorized.test(errorMessage(thrown))
}

/** What an error of the library means. */
export function toOnvifError(thrown: unknown, failure: OnvifFailure): SnapmintError {
  const { asked, label, status, timeoutMs } = failure
  const fail = (code: SnapmintErrorCode, what: string, options: { retryable: boolean; retryAfterMs?: number }) =>
    new SnapmintError(code, redact(`Camera ${label}: asked for ${asked}, ${what}`, failure.secrets), {
      adapter: 'onvif',
      ...options,
    })
  if (SnapmintError.isInstance(thrown)) return thrown
  if (thrown === noAnswer)
    return fail('SNAPMINT_SOURCE_UNAVAILABLE', `it did not answer within ${timeoutMs} ms: check the address and that it is on`, {
      retryable: true,
    })
  const said = errorMessage(thrown).slice(0, 300)
  if (isUnauthorized(thrown, status)) {
    const what = `it refused the user or the password (${said}): check them, and whether the camera has a user for ONVIF of its own`
    return fail('SNAPMINT_SOURCE_UNAUTHORIZED', what, { retryable: true, retryAfterMs: unauthorizedRetryMs })
  }
  const { code } = thrown as NodeJS.ErrnoException
  if ((typeof code === 'string' && network.test(code)) || /Network timeout|socket hang up/i.test(said)) {
    const hint = certificate.test(`${code} ${said}`) ? ': if its certificate is its own, set `rejectUnauthorized` to false' : ''
    return fail('SNAPMINT_SOURCE_UNAVAILABLE', `it cannot be reached: ${said}${hint}`, { retryable: true })
  }
  const busy = status !== undefined && status >= 500 && !said.includes('SOAP Fault')
  if (busy) return fail('SNAPMINT_SOURCE_UNAVAILABLE', `it answered ${status}`, { retryable: true })
  const what = `it gave an answer that cannot be used (${said}): check that it is an ONVIF camera and that ONVIF is switched on`
  return fail('SNAPMINT_SOURCE_UNREADABLE', what, { retryable: false })
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
}
