import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import { causeOf, readFailure, retryAfterMsOf, type S3Failure } from './s3-failure.js'

interface Verdict {
  readonly code: SnapmintErrorCode
  readonly retryable: boolean
  readonly advice: string
}

const final = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FAILED', retryable: false, advice })
const passing = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FAILED', retryable: true, advice })
const forbidden = (advice: string): Verdict => ({ code: 'SNAPMINT_SINK_FORBIDDEN', retryable: false, advice })

const denied = forbidden(
  "the credentials lack a permission: grant those that the README's Permissions name, on this bucket and prefix",
)
const full: Verdict = { code: 'SNAPMINT_SINK_FULL', retryable: true, advice: 'the store or the quota is full: make room' }
const badKey: Verdict = {
  code: 'SNAPMINT_SINK_KEY_INVALID',
  retryable: false,
  advice: 'the store takes no object of this name: change `template` or `prefix`',
}
const unknownFeature = final(
  "the store does not know a part of the request: try `checksums: 'when_required'`, and do without `createOnly`",
)
const tooLarge = final('the store takes no body of this size: lower `multipart.thresholdBytes`, or the size of the pictures')
const damaged = passing('the bytes were damaged or cut off on the way')
const busy = passing('another request for the same object is under way')

/** By the name of the store's error: those of AWS, and of others where they differ. */
const byName: Readonly<Record<string, Verdict>> = {
  AccessDenied: denied,
  AllAccessDisabled: denied,
  UserSuspended: denied,
  AccountProblem: forbidden('the account may not be used: see what its owner was told'),
  InvalidAccessKeyId: forbidden(
    'the store does not know the access key: correct `credentials` (or AWS_ACCESS_KEY_ID), and check that `endpoint` is the store they are for',
  ),
  SignatureDoesNotMatch: forbidden(
    'the secret key does not fit the access key: correct `credentials` (or AWS_SECRET_ACCESS_KEY); else a proxy changes requests, or `region` is wrong',
  ),
  InvalidToken: forbidden('the session token is wrong or has ended: give fresh `credentials`, or a function that gets them'),
  // Whether there are none, or who gives them is away for a moment, it does not say.
  CredentialsProviderError: {
    ...forbidden(
      'there are no credentials, or none just now: give `credentials`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role',
    ),
    retryable: true,
  },
  NoSuchBucket: final('there is no such bucket: create it, or correct `bucket` and `endpoint`'),
  InvalidBucketName: final('the store takes no bucket of this name: correct `bucket`'),
  EntityTooLarge: tooLarge,
  EntityTooSmall: final('the store wants larger parts: raise `multipart.partBytes`'),
  KeyTooLongError: badKey,
  InvalidObjectName: badKey,
  InvalidKey: badKey,
  InvalidURI: badKey,
  XMinioInvalidObjectName: badKey,
  NotImplemented: unknownFeature,
  MissingContentLength: unknownFeature,
  QuotaExceeded: full,
  XMinioStorageFull: full,
  RequestTimeTooSkewed: passing("this machine's clock differs from the store's: set it. The next try allows for the difference"),
  BadDigest: damaged,
  InvalidDigest: damaged,
  IncompleteBody: damaged,
  XAmzContentSHA256Mismatch: damaged,
  XAmzContentChecksumMismatch: damaged,
  RequestTimeout: passing('the store waited too long for the bytes'),
  ConditionalRequestConflict: busy,
  OperationAborted: busy,
  NoSuchUpload: passing('the upload in parts was ended by somebody else'),
  InvalidPart: passing('the store has lost a part of the upload'),
}

const byStatus: Readonly<Record<number, Verdict>> = {
  401: denied,
  403: denied,
  404: final('there is no such bucket, or the endpoint is no S3 store: correct `bucket`, `endpoint` and `forcePathStyle`'),
  408: passing('the store waited too long for the bytes'),
  411: unknownFeature,
  413: tooLarge,
  425: passing('the store asks to come again'),
  429: passing('the store asks for fewer requests'),
  501: unknownFeature,
  503: passing('the store asks for fewer requests, or is out of order'),
  505: unknownFeature,
  507: full,
}

const untrusted = forbidden(
  "the store's certificate is not trusted: correct `endpoint` or this machine's clock, or give its authority to Node.js in NODE_EXTRA_CA_CERTS",
)

const noTls = passing(
  'no secure connection came about: does `endpoint` need http:// instead of https://, or does something stand between?',
)

const byErrorNumber: Readonly<Record<string, Verdict>> = {
  ENOTFOUND: passing('the name of the host is unknown: check `endpoint`, `region`, `forcePathStyle` and the network'),
  ECONNREFUSED: passing('nobody answers there: check `endpoint`, and whether the store runs'),
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  EPROTO: noTls,
  CERT_HAS_EXPIRED: untrusted,
  CERT_NOT_YET_VALID: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
}

const tokenEnded = /^(ExpiredToken(Exception)?|TokenRefreshRequired)$/

/** What the sink was doing, for the message. */
export interface S3Attempt {
  /** Completes "Could not …". */
  readonly action: string
  /** Whether the credentials may be others at the next try. */
  readonly renewsCredentials: boolean
}

/** What the SDK threw, as an error that core can act upon. What is a SnapmintError already stays as it is. */
export function classifyS3Error(thrown: unknown, attempt: S3Attempt): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const failure = readFailure(thrown)
  const { code, retryable, advice } = verdictOf(failure, attempt)
  const { name, status, message, requestId } = failure
  const what = [name, status === undefined ? '' : `HTTP ${status}`].filter((part) => part !== '').join(', ')
  const request = requestId === undefined ? '' : `; request ${requestId}`
  const retryAfterMs = retryable ? retryAfterMsOf(failure) : undefined
  return new SnapmintError(
    code,
    `Could not ${attempt.action}: ${advice} (${what}${message === '' ? '' : `: ${message}`}${request})`,
    {
      adapter: 's3',
      retryable,
      cause: causeOf(thrown, failure),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  )
}

function verdictOf(failure: S3Failure, { renewsCredentials }: S3Attempt): Verdict {
  const { name, status, errorNumber, region, message } = failure
  // A redirect, or a signature made for another region.
  const elsewhere = status !== undefined && status >= 300 && status < 400
  if (elsewhere || (region !== undefined && /Region|Malformed|LocationConstraint/.test(name)))
    return final(
      region === undefined
        ? 'the bucket is in another region or at another endpoint: correct `region` and `endpoint`'
        : `the bucket is in the region ${region}: set \`region: '${region}'\``,
    )
  if (tokenEnded.test(name))
    return renewsCredentials ? passing('the credentials have ended, and are got anew') : byName.InvalidToken!
  if (message.startsWith('Region is missing')) return final('the region is unknown: give `region`, or set AWS_REGION')
  const verdict = byName[name] ?? byStatus[status ?? 0] ?? byErrorNumber[errorNumber ?? '']
  if (verdict !== undefined) return verdict
  if (status !== undefined && status >= 400 && status < 500 && !/Throttl|TooManyRequests|SlowDown|LimitExceeded/.test(name))
    return final('the store refuses the request')
  return passing(status === undefined || status < 500 ? 'the connection or the answer broke off' : 'the store has a fault')
}

/** Whether the store says that the credentials were good until they ended. */
export function isTokenEnded(thrown: unknown): boolean {
  return tokenEnded.test(readFailure(thrown).name)
}

/** HTTP status behind a classified error, if there was an answer. */
export function httpStatusOf(error: unknown): number | undefined {
  return SnapmintError.isInstance(error) ? readFailure(error.cause).status : undefined
}
