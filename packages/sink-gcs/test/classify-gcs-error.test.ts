import { inspect } from 'node:util'
import { SnapmintError } from '@snapmint/core/adapter'
import { describe, expect, it } from 'vitest'
import { classifyGcsError, httpStatusOf } from '../src/classify-gcs-error.js'
import { readFailure, retryAfterMsOf } from '../src/gcs-failure.js'

interface Thrown {
  readonly code?: number | string
  readonly reason?: string
  readonly message?: string
  readonly name?: string
  readonly headers?: Record<string, string>
}

/** An error as the SDK makes it of an answer. */
function apiError({ code, reason, message = 'm', name = 'Error', headers = {} }: Thrown): Error {
  const errors = reason === undefined ? [] : [{ reason, message, domain: 'global' }]
  const request = { headers: { Authorization: 'Bearer SECRET' } }
  return Object.assign(new Error(message), { name, code, errors, response: { statusCode: code, headers, request } })
}

const classify = (thrown: Thrown) => classifyGcsError(apiError(thrown), 'store k in the bucket b')

describe('classification of errors', () => {
  it.each<[Thrown, string, RegExp]>([
    [{ code: 401 }, 'SNAPMINT_SINK_FORBIDDEN', /GOOGLE_APPLICATION_CREDENTIALS/],
    [{ code: 403, reason: 'forbidden' }, 'SNAPMINT_SINK_FORBIDDEN', /Permissions.*storage.objects.delete/],
    [{ code: 403, reason: 'accountDisabled' }, 'SNAPMINT_SINK_FORBIDDEN', /billing/],
    [{ code: 403, reason: 'retentionPolicyNotMet' }, 'SNAPMINT_SINK_FAILED', /createOnly/],
    [{ code: 400, reason: 'UserProjectMissing' }, 'SNAPMINT_SINK_FAILED', /userProject/],
    [{ code: 404, reason: 'notFound' }, 'SNAPMINT_SINK_FAILED', /no such bucket/],
    [{ code: 412, reason: 'conditionNotMet' }, 'SNAPMINT_SINK_FAILED', /precondition/],
    [{ code: 413 }, 'SNAPMINT_SINK_FAILED', /size/],
    [{ code: 400, reason: 'invalid', message: 'Invalid value' }, 'SNAPMINT_SINK_FAILED', /refuses the request/],
    [{ code: 400, message: 'The specified object name is not valid.' }, 'SNAPMINT_SINK_KEY_INVALID', /`template`/],
    [{ code: '400', message: 'invalid_grant: Invalid JWT Signature.' }, 'SNAPMINT_SINK_FORBIDDEN', /clock/],
    [{ message: 'Could not load the default credentials. Browse to …' }, 'SNAPMINT_SINK_FORBIDDEN', /give `credentials`/],
    [{ name: 'SigningError', message: 'Cannot sign data without `client_email`.' }, 'SNAPMINT_SINK_FORBIDDEN', /signBlob/],
    [{ code: 'ERR_OSSL_UNSUPPORTED' }, 'SNAPMINT_SINK_FORBIDDEN', /private key cannot be read/],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'SNAPMINT_SINK_FORBIDDEN', /NODE_EXTRA_CA_CERTS/],
    [{ code: 'CERT_NOT_YET_VALID' }, 'SNAPMINT_SINK_FORBIDDEN', /clock/],
  ])('is final for %o', (thrown, code, advice) => {
    const error = classify({ headers: { 'retry-after': '9' }, ...thrown })
    expect(error).toMatchObject({ code, retryable: false, adapter: 'gcs', retryAfterMs: undefined })
    expect(error.message).toMatch(advice)
    expect(error.message).toMatch(/^Could not store k in the bucket b: /)
  })

  it.each<[Thrown, string, RegExp]>([
    [{ code: 408 }, 'SNAPMINT_SINK_FAILED', /waited too long/],
    [{ code: 409, reason: 'conflict' }, 'SNAPMINT_SINK_FAILED', /another request/],
    [{ code: 410 }, 'SNAPMINT_SINK_FAILED', /ended/],
    [{ code: 429, reason: 'rateLimitExceeded' }, 'SNAPMINT_SINK_FAILED', /fewer requests/],
    [{ code: 403, reason: 'userRateLimitExceeded' }, 'SNAPMINT_SINK_FAILED', /fewer requests/],
    [{ code: 500 }, 'SNAPMINT_SINK_FAILED', /has a fault/],
    [{ code: 502 }, 'SNAPMINT_SINK_FAILED', /has a fault/],
    [{ code: 503 }, 'SNAPMINT_SINK_FAILED', /out of order/],
    [{ code: 504, message: 'object name' }, 'SNAPMINT_SINK_FAILED', /has a fault/],
    [{ code: 400, message: 'Provided MD5 hash "a" doesn\'t match' }, 'SNAPMINT_SINK_FAILED', /damaged/],
    [{ code: 'ECONNRESET' }, 'SNAPMINT_SINK_FAILED', /broke off/],
    [{ code: 'EPROTO' }, 'SNAPMINT_SINK_FAILED', /http:\/\/ instead of https/],
    [{ code: 'ENOTFOUND' }, 'SNAPMINT_SINK_FAILED', /`apiEndpoint`/],
    [{ code: 'ECONNREFUSED' }, 'SNAPMINT_SINK_FAILED', /nobody answers/],
    [{ code: 'ETIMEDOUT' }, 'SNAPMINT_SINK_TIMEOUT', /timeoutMs/],
    [{ message: 'network timeout at: http://x' }, 'SNAPMINT_SINK_TIMEOUT', /timeoutMs/],
    [{ message: 'Retry limit exceeded - status: 503' }, 'SNAPMINT_SINK_FAILED', /out of order/],
  ])('is to be tried again for %o', (thrown, code, advice) => {
    const error = classify({ headers: { 'Retry-After': '9' }, ...thrown })
    expect(error).toMatchObject({ code, retryable: true, adapter: 'gcs', retryAfterMs: 9000 })
    expect(error.message).toMatch(advice)
  })

  it.each([undefined, null, 'text', 7, {}, { errors: 'x' }, { response: null }, { errors: [null] }])(
    'takes what is no error, like %j',
    (thrown) => {
      expect(classifyGcsError(thrown, 'store k')).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
    },
  )

  it('reads the errors of the HTTP client, whose headers may be a Headers, and the objects of answers', () => {
    const data = { error: { code: 403, errors: [{ reason: 'rateLimitExceeded' }] } }
    const headers = new Headers({ 'Retry-After': '2', 'X-GUploader-UploadID': 'ABC' })
    const gaxios = Object.assign(new Error('m'), { code: '403', response: { status: 403, headers, data } })
    const expected = { status: 403, reason: 'rateLimitExceeded', requestId: 'ABC', retryAfter: '2' }
    expect(readFailure(gaxios)).toMatchObject(expected)
    expect(readFailure({ code: 503, message: 'busy', errors: [{ reason: 'backendError' }] })).toMatchObject({
      status: 503,
      reason: 'backendError',
      message: 'busy',
    })
  })

  it('keeps a cause that is harmless, and the status', () => {
    const message = 'upload_id=SECRET Bearer SECRET ya29.SECRET X-Goog-Signature=SECRET -----BEGIN PRIVATE KEY----- SECRET'
    const error = classify({ code: 500, reason: 'backendError', message })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('SECRET')
    expect(error.cause).toMatchObject({ status: 500, reason: 'backendError', stack: expect.stringContaining(' at ') })
    expect(httpStatusOf(error)).toBe(500)
  })

  it('says the first line of many, shortened', () => {
    const many = 'Multiple errors occurred during the request. Please see the `errors` array.\n\n    1. first\n    2. second\n'
    expect(readFailure(new Error(many)).message).toBe('1. first')
    expect(readFailure(new Error('x'.repeat(9999))).message).toHaveLength(300)
  })

  it('leaves an error of the sink itself as it is', () => {
    const own = new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', 'm')
    expect(classifyGcsError(own, 'store k')).toBe(own)
  })

  it('takes the advice when to come again in seconds or as a date', () => {
    const at = (retryAfter: string) => retryAfterMsOf({ ...readFailure({}), retryAfter }, Date.UTC(2026, 0, 1))
    expect([at('3'), at('0.5'), at('Thu, 01 Jan 2026 00:00:10 GMT'), at('Wed, 31 Dec 2025 23:00:00 GMT'), at('soon')]).toEqual([
      3000,
      500,
      10_000,
      0,
      undefined,
    ])
  })
})
