import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { classifyS3Error } from '../src/classify-s3-error.js'

interface Thrown {
  readonly name?: string
  readonly status?: number
  readonly message?: string
  readonly headers?: Record<string, string>
  readonly [field: string]: unknown
}

/** An error as the SDK makes it. */
function sdkError({ name = 'Error', status, message = name, headers = {}, ...fields }: Thrown): Error {
  const error = Object.assign(new Error(message), { name, ...fields })
  if (status !== undefined) Object.assign(error, { $metadata: { httpStatusCode: status, requestId: 'REQ1' } })
  Object.defineProperty(error, '$response', { value: { statusCode: status, headers }, enumerable: false })
  return error
}

const classify = (thrown: Thrown, renewsCredentials = true) =>
  classifyS3Error(sdkError(thrown), { action: 'store k in the bucket b', renewsCredentials })

describe('classification of errors', () => {
  it.each<[Thrown, string, RegExp]>([
    [{ name: 'AccessDenied', status: 403 }, 'SNAPMINT_SINK_FORBIDDEN', /Permissions/],
    [{ name: '403', status: 403 }, 'SNAPMINT_SINK_FORBIDDEN', /Permissions/],
    [{ name: 'InvalidAccessKeyId', status: 403 }, 'SNAPMINT_SINK_FORBIDDEN', /AWS_ACCESS_KEY_ID/],
    [{ name: 'SignatureDoesNotMatch', status: 403 }, 'SNAPMINT_SINK_FORBIDDEN', /secret key/],
    [{ name: 'InvalidToken', status: 400 }, 'SNAPMINT_SINK_FORBIDDEN', /session token/],
    [{ name: 'Error', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'SNAPMINT_SINK_FORBIDDEN', /NODE_EXTRA_CA_CERTS/],
    [{ name: 'Error', code: 'CERT_NOT_YET_VALID' }, 'SNAPMINT_SINK_FORBIDDEN', /clock/],
    [{ name: 'NoSuchBucket', status: 404 }, 'SNAPMINT_SINK_FAILED', /no such bucket/],
    [{ name: 'NotFound', status: 404 }, 'SNAPMINT_SINK_FAILED', /forcePathStyle/],
    [{ name: 'EntityTooLarge', status: 400 }, 'SNAPMINT_SINK_FAILED', /multipart.thresholdBytes/],
    [{ name: 'Whatever', status: 413 }, 'SNAPMINT_SINK_FAILED', /multipart.thresholdBytes/],
    [{ name: 'EntityTooSmall', status: 400 }, 'SNAPMINT_SINK_FAILED', /multipart.partBytes/],
    [{ name: 'KeyTooLongError', status: 400 }, 'SNAPMINT_SINK_KEY_INVALID', /`template`/],
    [{ name: 'InvalidKey', status: 400 }, 'SNAPMINT_SINK_KEY_INVALID', /`template`/],
    [{ name: 'NotImplemented', status: 501 }, 'SNAPMINT_SINK_FAILED', /when_required/],
    [{ name: 'MissingContentLength', status: 411 }, 'SNAPMINT_SINK_FAILED', /when_required/],
    [{ name: 'InvalidArgument', status: 400 }, 'SNAPMINT_SINK_FAILED', /refuses the request/],
    [{ name: 'Error', message: 'Region is missing' }, 'SNAPMINT_SINK_FAILED', /AWS_REGION/],
  ])('is final for %o', (thrown, code, advice) => {
    const error = classify(thrown)
    expect(error).toMatchObject({ code, retryable: false, adapter: 's3', retryAfterMs: undefined })
    expect(error.message).toMatch(advice)
    expect(error.message).toMatch(/^Could not store k in the bucket b: /)
  })

  it.each<[Thrown, string, RegExp]>([
    [{ name: 'CredentialsProviderError' }, 'SNAPMINT_SINK_FORBIDDEN', /no credentials/],
    [{ name: 'SlowDown', status: 503 }, 'SNAPMINT_SINK_FAILED', /fewer requests/],
    [{ name: 'ServiceUnavailable', status: 503 }, 'SNAPMINT_SINK_FAILED', /fewer requests/],
    [{ name: 'TooManyRequests', status: 429 }, 'SNAPMINT_SINK_FAILED', /fewer requests/],
    [{ name: 'ThrottlingException', status: 400 }, 'SNAPMINT_SINK_FAILED', /broke off|fewer/],
    [{ name: 'InternalError', status: 500 }, 'SNAPMINT_SINK_FAILED', /has a fault/],
    [{ name: 'InternalError', status: 200 }, 'SNAPMINT_SINK_FAILED', /answer broke off/],
    [{ name: 'BadGateway', status: 502 }, 'SNAPMINT_SINK_FAILED', /has a fault/],
    [{ name: 'InvalidPart', status: 400 }, 'SNAPMINT_SINK_FAILED', /lost a part/],
    [{ name: 'Error', code: 'EPROTO' }, 'SNAPMINT_SINK_FAILED', /http:\/\/ instead of https/],
    [{ name: 'RequestTimeTooSkewed', status: 403 }, 'SNAPMINT_SINK_FAILED', /clock/],
    [{ name: 'RequestTimeout', status: 400 }, 'SNAPMINT_SINK_FAILED', /waited too long/],
    [{ name: 'BadDigest', status: 400 }, 'SNAPMINT_SINK_FAILED', /damaged/],
    [{ name: 'XAmzContentSHA256Mismatch', status: 400 }, 'SNAPMINT_SINK_FAILED', /damaged/],
    [{ name: 'IncompleteBody', status: 400 }, 'SNAPMINT_SINK_FAILED', /cut off/],
    [{ name: 'ConditionalRequestConflict', status: 409 }, 'SNAPMINT_SINK_FAILED', /under way/],
    [{ name: 'OperationAborted', status: 409 }, 'SNAPMINT_SINK_FAILED', /under way/],
    [{ name: 'NoSuchUpload', status: 404 }, 'SNAPMINT_SINK_FAILED', /ended by somebody else/],
    [{ name: 'QuotaExceeded', status: 403 }, 'SNAPMINT_SINK_FULL', /make room/],
    [{ name: 'InsufficientStorage', status: 507 }, 'SNAPMINT_SINK_FULL', /make room/],
    [{ name: 'Error', code: 'ECONNRESET', message: 'socket hang up' }, 'SNAPMINT_SINK_FAILED', /broke off.*socket hang up/],
    [{ name: 'Error', code: 'ECONNREFUSED' }, 'SNAPMINT_SINK_FAILED', /whether the store runs/],
    [{ name: 'Error', code: 'ENOTFOUND' }, 'SNAPMINT_SINK_FAILED', /name of the host/],
    [{ name: 'TimeoutError' }, 'SNAPMINT_SINK_FAILED', /broke off/],
    [{ name: 'SyntaxError', status: 200, message: 'Unexpected end of XML' }, 'SNAPMINT_SINK_FAILED', /answer broke off/],
  ])('is passing for %o', (thrown, code, advice) => {
    const error = classify(thrown)
    expect(error).toMatchObject({ code, retryable: true, adapter: 's3' })
    expect(error.message).toMatch(advice)
  })

  it.each<[string, Thrown]>([
    ['the header of a redirect', { name: 'PermanentRedirect', status: 301, headers: { 'X-Amz-Bucket-Region': 'eu-west-1' } }],
    ['a signature for another region', { name: 'AuthorizationHeaderMalformed', status: 400, Region: 'eu-west-1' }],
    ['the endpoint of a redirect', { name: 'PermanentRedirect', status: 301, Endpoint: 'b.s3.eu-west-1.amazonaws.com' }],
    ['the older form of an endpoint', { name: 'TemporaryRedirect', status: 307, Endpoint: 'b.s3-eu-west-1.amazonaws.com' }],
    [
      'an illegal location',
      { name: 'IllegalLocationConstraintException', status: 400, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    ],
  ])('names the right region, from %s', (_where, thrown) => {
    const error = classify(thrown)
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: false })
    expect(error.message).toContain("set `region: 'eu-west-1'`")
  })

  it('says what to look at when a redirect names no region', () => {
    expect(classify({ name: 'Unknown', status: 301 }).message).toContain('correct `region` and `endpoint`')
  })

  it('does not take the region that a store names with every error for advice', () => {
    const error = classify({ name: 'AccessDenied', status: 403, headers: { 'x-amz-bucket-region': 'eu-west-1' } })
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN' })
    expect(error.message).not.toContain('eu-west-1')
  })

  it('tries again with ended credentials only where others may come', () => {
    expect(classify({ name: 'ExpiredToken', status: 400 }, true)).toMatchObject({ retryable: true })
    expect(classify({ name: 'ExpiredToken', status: 400 }, false)).toMatchObject({
      retryable: false,
      code: 'SNAPMINT_SINK_FORBIDDEN',
    })
  })

  it.each<[string, Record<string, string>, unknown]>([
    ['seconds', { 'Retry-After': '7' }, 7000],
    ['fractions of a second', { 'retry-after': '0.25' }, 250],
    ['milliseconds', { 'x-amz-retry-after': '1500' }, 1500],
    ['a date that has passed', { 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT' }, 0],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])("passes on the store's own advice in %s", (_form, headers, retryAfterMs) => {
    expect(classify({ name: 'SlowDown', status: 503, headers }).retryAfterMs).toBe(retryAfterMs)
  })

  it("passes on the store's own advice as a date to come", () => {
    const date = new Date(Date.now() + 60_000).toUTCString()
    const { retryAfterMs } = classify({ name: 'SlowDown', status: 503, headers: { 'retry-after': date } })
    expect(retryAfterMs).toBeGreaterThan(1000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it('leaves out what an answer, a URL or a request gives away, also behind the message', () => {
    const error = classify({
      name: 'ExpiredToken',
      status: 400,
      message:
        'GET https://u:PASSWORD@s3.example/k?X-Amz-Credential=CREDENTIAL%2Fday&X-Amz-Security-Token=TOKEN1&X-Amz-Signature=SIGNATURE1 failed\nsecond line SECONDLINE',
      'Token-0': 'TOKEN0',
      SignatureProvided: 'SIGNATURE2',
      StringToSign: 'STRINGTOSIGN',
      headers: { 'x-echo': 'HEADER' },
    })
    const everything = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${String(error.cause)}`
    expect(everything).not.toMatch(/PASSWORD|CREDENTIAL|TOKEN|SIGNATURE|STRINGTOSIGN|HEADER|SECONDLINE/)
    expect(error.message).toContain('X-Amz-Signature=***')
    expect(error.cause).toMatchObject({ name: 'ExpiredToken', $metadata: { httpStatusCode: 400, requestId: 'REQ1' } })
  })

  it('copes with whatever is thrown', () => {
    for (const thrown of [undefined, null, 'text', 5, {}, Object.create(null), new Error('')]) {
      const error = classifyS3Error(thrown, { action: 'store k', renewsCredentials: true })
      expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
      expect(error.message.length).toBeGreaterThan(10)
    }
  })

  it('leaves its own errors as they are', () => {
    const error = classify({ name: 'SlowDown', status: 503 })
    expect(classifyS3Error(error, { action: 'x', renewsCredentials: true })).toBe(error)
  })
})
