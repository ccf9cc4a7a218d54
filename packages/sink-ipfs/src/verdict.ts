import type { SnapmintErrorCode } from '@snapmint/core/adapter'

/** What a failure means, and what to do about it. */
export interface Verdict {
  readonly code: SnapmintErrorCode
  readonly retryable: boolean
  readonly advice: string
}

export const final = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FAILED', retryable: false, advice })
export const passing = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FAILED', retryable: true, advice })
export const forbidden = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FORBIDDEN', retryable: false, advice })
export const full = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FULL', retryable: true, advice })

const untrusted = forbidden(
  'its certificate is not trusted: correct the address, or give its authority to Node.js in NODE_EXTRA_CA_CERTS',
)

/** By the name of a network error, for nodes and services alike. */
export const byErrorNumber: Readonly<Record<string, Verdict>> = {
  ENOTFOUND: passing('the name of the host is unknown: check the address and the network'),
  ECONNREFUSED: passing('nobody answers there: check the address, and whether it runs'),
  CERT_HAS_EXPIRED: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
}
