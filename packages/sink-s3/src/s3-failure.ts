import { errorMessage } from '@snapmint/core/adapter'

/** What an error of the SDK says, secrets left out. */
export interface S3Failure {
  readonly name: string
  readonly message: string
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** `ECONNRESET` and the like. */
  readonly errorNumber: string | undefined
  readonly requestId: string | undefined
  /** The region that the store names as the right one. */
  readonly region: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

interface SdkError {
  readonly name?: unknown
  readonly code?: unknown
  readonly Region?: unknown
  readonly Endpoint?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

const textOr = <Other>(value: unknown, other: Other): string | Other =>
  typeof value === 'string' && value !== '' ? value : other

export function readFailure(thrown: unknown): S3Failure {
  const error: SdkError = typeof thrown === 'object' && thrown !== null ? thrown : {}
  const headers = Object.fromEntries(
    Object.entries(error.$response?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const status = error.$metadata?.httpStatusCode
  const [, ofEndpoint] = /[.-]s3[.-]([a-z]{2}-[a-z-]+-\d+)\./.exec(String(error.Endpoint ?? '')) ?? []
  const region = textOr(headers['x-amz-bucket-region'], textOr(error.Region, ofEndpoint))
  const requestId = error.$metadata?.requestId
  const name = textOr(error.name, 'Error').slice(0, 100)
  const message = redact(errorMessage(thrown))
  return {
    name,
    // What the SDK says where the store said nothing.
    message: message === 'UnknownError' || message === name ? '' : message,
    status: typeof status === 'number' ? status : undefined,
    errorNumber: textOr(error.code, undefined),
    requestId: typeof requestId === 'string' && /^[\w.:-]{1,100}$/.test(requestId) ? requestId : undefined,
    region: region !== undefined && /^[a-z0-9-]{2,40}$/.test(region) ? region : undefined,
    headers,
  }
}

/** The first line, shortened, without what a presigned URL or an echoed request gives away. */
function redact(message: string): string {
  const [line = ''] = message.split('\n', 1)
  return line
    .replace(/\b((?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature|Credential)=)[^&\s"'<,]+/gi, '$1***')
    .slice(0, 300)
}

/**
 * The SDK's error as a cause. Of an answer only what is harmless is kept: the original carries the connection and whatever the store's answer echoed, up to
 * session tokens.
 */
export function causeOf(thrown: unknown, { name, message, status, errorNumber, requestId }: S3Failure): Error {
  const cause = Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: status, requestId },
    ...(errorNumber === undefined ? {} : { code: errorNumber }),
  })
  if (thrown instanceof Error && typeof thrown.stack === 'string')
    cause.stack = `${name}: ${message}\n${thrown.stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n')}`
  return cause
}

/** The store's advice when to come again: `Retry-After` in seconds or as a date, `x-amz-retry-after` in ms. */
export function retryAfterMsOf({ headers }: S3Failure, now: number = Date.now()): number | undefined {
  const milliseconds = headers['x-amz-retry-after']
  if (milliseconds !== undefined && /^\d+$/.test(milliseconds)) return Number(milliseconds)
  const advice = headers['retry-after']
  if (advice === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(advice)) return Number(advice) * 1000
  const time = Date.parse(advice)
  return Number.isNaN(time) ? undefined : Math.max(0, time - now)
}
