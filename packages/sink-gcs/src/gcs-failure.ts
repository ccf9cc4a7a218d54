/** What an error of the SDK says, secrets left out. */
export interface GcsFailure {
  readonly name: string
  readonly message: string
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** Google's word for what is wrong, such as `rateLimitExceeded`. */
  readonly reason: string | undefined
  /** `ECONNRESET` and the like. */
  readonly errorNumber: string | undefined
  readonly requestId: string | undefined
  readonly retryAfter: string | undefined
}

/** Name of what goes wrong in a resumable upload after its beginning. */
export const begunUpload = 'ResumableUploadError'

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

/** The SDK has three kinds of errors: its own, those of its HTTP client, and plain objects that the store's answer held. */
export function readFailure(thrown: unknown): GcsFailure {
  const error = fieldsOf(thrown)
  const response = fieldsOf(error.response)
  const header = headersOf(response.headers)
  const answered = fieldsOf(fieldsOf(fieldsOf(response.data).error).errors ?? error.errors)
  const message = redact(textOf(error.message) ?? (typeof thrown === 'string' ? thrown : ''))
  const requestId = header('x-guploader-uploadid')
  return {
    name: (textOf(error.name) ?? 'Error').slice(0, 100),
    message,
    status: statusOf([response.status, response.statusCode, error.status, error.code, /\bstatus: (\d{3})\b/.exec(message)?.[1]]),
    reason: textOf(fieldsOf(answered[0]).reason)?.slice(0, 100),
    errorNumber: textOf(error.code) ?? textOf(fieldsOf(error.error).code),
    requestId: requestId !== undefined && /^[\w.:-]{1,200}$/.test(requestId) ? requestId : undefined,
    retryAfter: header('retry-after'),
  }
}

function statusOf(candidates: readonly unknown[]): number | undefined {
  return candidates.map(Number).find((status) => Number.isInteger(status) && status >= 100 && status < 600)
}

/** Headers are an object or `Headers`, as the SDK's version has it. */
function headersOf(headers: unknown): (name: string) => string | undefined {
  const { get } = fieldsOf(headers)
  if (typeof get === 'function') return (name) => textOf(get.call(headers, name))
  const entries = Object.entries(fieldsOf(headers)).map(([name, value]) => [name.toLowerCase(), value])
  return (name) => textOf(Object.fromEntries(entries)[name])
}

/** The first line that says something, shortened, without what a signed URL, an upload's address or an echoed token gives away. */
function redact(message: string): string {
  const lines = message.split('\n').map((line) => line.trim())
  const line = lines.find((text) => text !== '' && !text.startsWith('Multiple errors occurred')) ?? ''
  return line
    .replace(
      /\b((?:X-Goog-(?:Signature|Credential)|upload_id|access_token|assertion|Signature|GoogleAccessId)=)[^&\s"'<,]+/gi,
      '$1***',
    )
    .replace(/\b(Bearer\s+)[\w.~+/-]+=*/gi, '$1***')
    .replace(/\bya29\.[\w.-]+/g, '***')
    .replace(/-----BEGIN .*/, '***')
    .slice(0, 300)
}

/** The SDK's error as a cause. Only what is harmless is kept: the original carries the request with its token, and the answer. */
export function causeOf(thrown: unknown, { name, message, status, reason, errorNumber, requestId }: GcsFailure): Error {
  const fields = { status, reason, code: errorNumber, requestId }
  const cause = Object.assign(
    new Error(message),
    { name },
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  )
  if (thrown instanceof Error && typeof thrown.stack === 'string')
    cause.stack = `${name}: ${message}\n${thrown.stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n')}`
  return cause
}

/** The store's advice when to come again: seconds or a date. */
export function retryAfterMsOf({ retryAfter }: GcsFailure, now: number = Date.now()): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(retryAfter)) return Number(retryAfter) * 1000
  const time = Date.parse(retryAfter)
  return Number.isNaN(time) ? undefined : Math.max(0, time - now)
}
