import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import { begunUpload, causeOf, type GcsFailure, readFailure, retryAfterMsOf } from './gcs-failure.js'

interface Verdict {
  readonly code: SnapmintErrorCode
  readonly retryable: boolean
  readonly advice: string
}

const final = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FAILED', retryable: false, advice })
const passing = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FAILED', retryable: true, advice })
const forbidden = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FORBIDDEN', retryable: false, advice })

const denied = forbidden(
  "the account lacks a permission: grant those that the README's Permissions name, on this bucket. To replace an object, `storage.objects.delete` is one of them",
)
const unknownAccount = forbidden(
  'the store does not know who asks: give `credentials`, or set GOOGLE_APPLICATION_CREDENTIALS, or run where a service account is attached',
)
const wrongCredentials = forbidden(
  "Google refuses the credentials: give fresh ones, and check that this machine's clock is right and that the account was not disabled",
)
const slower = passing('the store asks for fewer requests')
const broken = passing('the connection or the answer broke off')

/** By Google's word for it, which says more than the status. */
const byReason: Readonly<Record<string, Verdict>> = {
  rateLimitExceeded: slower,
  userRateLimitExceeded: slower,
  quotaExceeded: slower,
  backendError: passing('the store has a fault'),
  internalError: passing('the store has a fault'),
  accountDisabled: forbidden("the project's billing account or the project is disabled: see what its owner was told"),
  UserProjectMissing: final('the bucket makes the requester pay: give a `storage` or `bucket` of yours with `userProject`'),
  retentionPolicyNotMet: final(
    'a retention policy keeps the object that is there: use `createOnly`, or a template with {captureTime}',
  ),
  objectUnderActiveHold: final('a hold keeps the object that is there: use `createOnly`, or a template with {captureTime}'),
}

const byStatus: Readonly<Record<number, Verdict>> = {
  308: passing('the store has kept a part only'),
  401: unknownAccount,
  403: denied,
  404: final('there is no such bucket: create it, or correct `bucket` and `apiEndpoint`'),
  408: passing('the store waited too long for the bytes'),
  409: passing('another request for the same object is under way'),
  410: passing('the upload was ended by the store'),
  412: final('a precondition does not hold'),
  413: final('the store takes no body of this size: make the pictures smaller'),
  425: passing('the store asks to come again'),
  429: slower,
  499: passing('the upload was ended by somebody else'),
  503: passing('the store asks for fewer requests, or is out of order'),
}

const late: Verdict = {
  code: 'SNAPMINT_SINK_TIMEOUT',
  retryable: true,
  advice: 'the store did not answer in time: check the network, or raise `timeoutMs` for slow links',
}

const untrusted = forbidden(
  "the store's certificate is not trusted: correct `apiEndpoint` or this machine's clock, or give its authority to Node.js in NODE_EXTRA_CA_CERTS",
)

const noTls = passing(
  'no secure connection came about: does `apiEndpoint` need http:// instead of https://, or does something stand between?',
)

const byErrorNumber: Readonly<Record<string, Verdict>> = {
  ENOTFOUND: passing('the name of the host is unknown: check `apiEndpoint` and the network'),
  ECONNREFUSED: passing('nobody answers there: check `apiEndpoint`, and whether the store runs'),
  ETIMEDOUT: late,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  EPROTO: noTls,
  CERT_HAS_EXPIRED: untrusted,
  CERT_NOT_YET_VALID: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_OSSL_UNSUPPORTED: forbidden(
    'the private key cannot be read: give `credentials.private_key` as it stands in the JSON file, line breaks included',
  ),
}

/** By what the SDK says where there is neither a status nor a reason, or where they mislead. */
const byMessage: readonly (readonly [RegExp, Verdict])[] = [
  [/network timeout at|response timeout while|timeout of \d+ ?ms exceeded/i, late],
  [/Could not load the default credentials/, unknownAccount],
  [/\b(invalid_grant|invalid_client|unauthorized_client|invalid_rapt)\b/, wrongCredentials],
  [/MD5 hash|CRC32C|checksum/i, passing('the bytes were damaged or cut off on the way')],
  [
    /Cannot (use|insert|update).*(legacy ACL|access control)|uniform bucket-level access/i,
    final("the bucket has uniform access: make the bucket public to allUsers and use `uri: 'https'`"),
  ],
  [
    /object name|Invalid argument.*name/i,
    {
      code: 'SNAPMINT_SINK_KEY_INVALID',
      retryable: false,
      advice: 'the store takes no object of this name: change `template` or `prefix`',
    },
  ],
]

const unsigned = forbidden(
  'a URL could not be signed: give `credentials` with a private key, or grant the account `iam.serviceAccounts.signBlob` on itself, or use another `uri`',
)

/**
 * What the SDK threw, as an error that core can act upon. What is a SnapmintError already stays as it is.
 *
 * @param action completes "Could not …".
 */
export function classifyGcsError(thrown: unknown, action: string): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const failure = readFailure(thrown)
  const { code, retryable, advice } = verdictOf(failure)
  const { name, status, reason, message, requestId } = failure
  const what = [reason ?? name, status === undefined ? '' : `HTTP ${status}`].filter((part) => part !== '').join(', ')
  const request = requestId === undefined ? '' : `; request ${requestId}`
  const retryAfterMs = retryable ? retryAfterMsOf(failure) : undefined
  const text = `Could not ${action}: ${advice} (${what}${message === '' ? '' : `: ${message}`}${request})`
  return new SnapmintError(code, text, {
    adapter: 'gcs',
    retryable,
    cause: causeOf(thrown, failure),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

function verdictOf({ name, status, reason, errorNumber, message }: GcsFailure): Verdict {
  const known = byReason[reason ?? ''] ?? byErrorNumber[errorNumber ?? '']
  if (known !== undefined) return known
  if (status !== undefined && status >= 500) return byStatus[status] ?? passing('the store has a fault')
  // A refusal in words comes with 400, 401 or no status at all.
  if (status === undefined || status === 400 || status === 401)
    for (const [pattern, verdict] of byMessage) if (pattern.test(message)) return verdict
  if (name === 'SigningError') return unsigned
  // Its bucket was there when it began: what is not there any more is the upload.
  if (name === begunUpload && status === 404) return byStatus[410]!
  const verdict = byStatus[status ?? 0]
  if (verdict !== undefined) return verdict
  if (status !== undefined && status >= 300) return final('the store refuses the request')
  return broken
}

/** HTTP status behind a classified error, if there was an answer. */
export function httpStatusOf(error: unknown): number | undefined {
  return SnapmintError.isInstance(error) ? readFailure(error.cause).status : undefined
}
