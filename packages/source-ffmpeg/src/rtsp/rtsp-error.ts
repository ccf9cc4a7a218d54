import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import type { InputPlan } from '../input/plan-input.js'
import { AnswerTimeout } from './rtsp-connection.js'
import type { RtspResponse } from './rtsp-message.js'

/** Wrong credentials asked too often lock an account or ban an address. */
const unauthorizedRetryMs = 30_000

const checkAddress = 'check the address and that the device is on'

/** Builds the errors of one input. Each may pass: another run may succeed. */
export function createRtspErrors({ label, redact }: Pick<InputPlan, 'label' | 'redact'>) {
  function error(
    code: SnapmintErrorCode,
    what: string,
    options: { cause?: unknown; retryAfterMs?: number; retryable?: boolean } = {},
  ): SnapmintError {
    return new SnapmintError(code, redact(`Input "${label}": ${what}`), { adapter: 'ffmpeg', retryable: true, ...options })
  }

  return {
    error,
    /** The server refused. */
    ofStatus(method: string, { status, reason }: RtspResponse): SnapmintError {
      const said = `the server answered ${method} with ${status} ${reason.slice(0, 100)}`.trim()
      if (status === 401 || status === 403 || status === 407)
        return error('SNAPMINT_SOURCE_UNAUTHORIZED', `${said}; check the user name, the password and what they permit`, {
          retryAfterMs: unauthorizedRetryMs,
        })
      const advice = status === 404 || status === 410 ? 'check the path of the URL' : 'check the URL and the device'
      return error('SNAPMINT_SOURCE_UNAVAILABLE', `${said}; ${advice}`)
    },
    /** The connection of a session that plays has ended. */
    lost(cause: Error | undefined): SnapmintError {
      const how = cause === undefined ? 'the server closed the connection' : `the connection broke: ${cause.message}`
      return error('SNAPMINT_SOURCE_ENDED', `lost it: ${how}`, { cause })
    },
    silence(timeoutMs: number): SnapmintError {
      const advice = "check the device; where datagrams do not come through, set `rtspTransport: 'tcp'`"
      return error('SNAPMINT_SOURCE_UNAVAILABLE', `the server sent no media for ${timeoutMs} ms; ${advice}`)
    },
    /** There is no connection, or no answer. */
    ofConnecting(thrown: unknown): SnapmintError {
      const { code, message } = thrown as NodeJS.ErrnoException
      if (thrown instanceof AnswerTimeout)
        return error('SNAPMINT_SOURCE_UNAVAILABLE', `${message}; ${checkAddress}`, { cause: thrown })
      const isCertificate = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(VERIFY|GET)/.test(code ?? '')
      const advice = isCertificate
        ? "have Node.js trust the device's certificate (NODE_EXTRA_CA_CERTS), or let FFmpeg read it unchecked with `inputOptions: ['-tls_verify', '0']`"
        : checkAddress
      return error('SNAPMINT_SOURCE_UNAVAILABLE', `cannot be reached: ${message}; ${advice}`, { cause: thrown })
    },
  }
}

export type RtspErrors = ReturnType<typeof createRtspErrors>
