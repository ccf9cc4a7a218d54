import { errorMessage } from '@snapmint/core/adapter'

/** What an error of a client or of `fetch` says. */
export interface Failure {
  readonly name: string
  /** One line, credentials in URLs removed. */
  readonly message: string
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** `ECONNRESET` and the like, of the error or of what lies behind it. */
  readonly errorNumber: string | undefined
  /** The service's advice when to come again. */
  readonly retryAfterMs: number | undefined
}

interface ClientError {
  readonly name?: unknown
  readonly code?: unknown
  readonly cause?: unknown
  readonly response?: { readonly status?: unknown; readonly headers?: { get?(name: string): string | null } }
}

const asObject = (value: unknown): ClientError => (typeof value === 'object' && value !== null ? value : {})

/** `secrets` are taken out of whatever the other side echoed, before anything is shortened: half a secret is one, too. */
export function readFailure(thrown: unknown, secrets: readonly string[] = [], now: number = Date.now()): Failure {
  const error = asObject(thrown)
  const status = error.response?.status
  const advice = error.response?.headers?.get?.('retry-after') ?? undefined
  return {
    name: (typeof error.name === 'string' && error.name !== '' ? error.name : 'Error').slice(0, 100),
    message: oneLine(hideSecrets(errorMessage(thrown), secrets)),
    status: typeof status === 'number' ? status : undefined,
    errorNumber: errorNumberOf(thrown),
    retryAfterMs: parseRetryAfter(advice, now),
  }
}

/** `text` without the secrets. Longer ones first, as one may be a part of another. */
export const hideSecrets = (text: string, secrets: readonly string[]) =>
  [...secrets]
    .filter((secret) => secret !== '')
    .sort((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)

/** The first line, shortened. */
export const oneLine = (text: string) => (text.split('\n', 1)[0] ?? '').slice(0, 300)

/** `fetch` says "fetch failed" and hides the reason behind it, sometimes behind several tries. */
function errorNumberOf(thrown: unknown, depth = 0): string | undefined {
  if (depth > 4) return undefined
  const { code, cause } = asObject(thrown)
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code
  const [first] = (asObject(thrown) as { readonly errors?: readonly unknown[] }).errors ?? []
  return errorNumberOf(cause ?? first ?? undefined, cause === undefined && first === undefined ? 5 : depth + 1)
}

/** `Retry-After`: seconds, or a date. */
function parseRetryAfter(advice: string | undefined, now: number = Date.now()): number | undefined {
  if (advice === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(advice)) return Number(advice) * 1000
  const time = Date.parse(advice)
  return Number.isNaN(time) ? undefined : Math.max(0, time - now)
}

/** A client's error as a cause. Only what is harmless is kept: the original carries the answer, and whatever that echoed. */
export function causeOf(thrown: unknown, { name, message, status, errorNumber }: Failure): Error {
  const cause = Object.assign(new Error(message), {
    name,
    ...(status === undefined ? {} : { status }),
    ...(errorNumber === undefined ? {} : { code: errorNumber }),
  })
  if (thrown instanceof Error && typeof thrown.stack === 'string')
    cause.stack = `${name}: ${message}\n${thrown.stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n')}`
  return cause
}
