import { errorMessage, redactUrls, SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'

/** What can be said of a request: which collection it was for, and which indexes its queries need. */
export interface RequestContext {
  readonly collection: string
  /** For people: the fields of the composite indexes. */
  readonly indexes: string
}

interface Verdict {
  readonly code: SnapmintErrorCode
  readonly retryable: boolean
  readonly advice: string
  readonly retryAfterMs?: number
}

const unavailable = (advice: string, retryAfterMs?: number): Verdict => ({
  code: 'SNAPMINT_JOBS_UNAVAILABLE',
  retryable: true,
  advice,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})
const forbidden = (advice: string): Verdict => ({ code: 'SNAPMINT_JOBS_FORBIDDEN', retryable: false, advice })
const misconfigured = (advice: string): Verdict => ({ code: 'SNAPMINT_JOBS_MISCONFIGURED', retryable: false, advice })

/** When a quota is used up and the service does not say for how long. */
const quotaPauseMs = 5_000

/** Says what a failure of the SDK means and what to do. Core decides whether it calls again. Errors that are classified already stay as they are. */
export function classifyFirestoreError(error: unknown, action: string, context: RequestContext): SnapmintError {
  if (SnapmintError.isInstance(error)) return error
  const { code, retryable, advice, retryAfterMs } = verdictOf(error, context)
  const message = `Could not ${action} the collection ${context.collection}: ${plainMessage(error)}. ${advice}`
  const options = { adapter: 'firestore', retryable, cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  return new SnapmintError(code, message, options)
}

/** gRPC's number of a failure, if it has one. */
export function grpcCodeOf(error: unknown): number | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code
  if (typeof code === 'number') return code
  const named: Readonly<Record<string, number>> = {
    'not-found': 5,
    'permission-denied': 7,
    'resource-exhausted': 8,
    'failed-precondition': 9,
    'deadline-exceeded': 4,
    unavailable: 14,
    unauthenticated: 16,
  }
  return typeof code === 'string' ? named[code.toLowerCase().replaceAll('_', '-').replace('firestore/', '')] : undefined
}

function verdictOf(error: unknown, { indexes }: RequestContext): Verdict {
  const message = errorMessage(error)
  if (/default credentials|invalid_grant|private key|DECODER|invalid_rapt/i.test(message))
    return forbidden('Set GOOGLE_APPLICATION_CREDENTIALS, or give `app` or `firestore` with credentials')
  if (/project id/i.test(message)) return misconfigured('Give `projectId`, or set GOOGLE_CLOUD_PROJECT')
  switch (grpcCodeOf(error)) {
    case 3:
      return misconfigured('Compare `collection`, `fields` and `unit` with the documents')
    case 5:
      return misconfigured('The project or its database does not exist: compare `projectId` and `databaseId`')
    case 7:
      return forbidden('Give the service account the role Cloud Datastore User (roles/datastore.user)')
    case 8:
      return unavailable('A quota is used up', retryDelayOf(error) ?? quotaPauseMs)
    case 9:
      return /index/i.test(message)
        ? misconfigured(`Create the composite indexes (${indexes}): the package's README has the file and the command`)
        : unavailable('The request met another change; it is tried again')
    case 12:
      return misconfigured('The database must be in Native mode')
    case 16:
      return forbidden('The credentials are not valid, or no longer: renew them')
    case 4:
    case 14:
      return unavailable('Check the network, and the status of the service')
    default:
      return unavailable('It is tried again')
  }
}

/** What the service says of how long to wait (google.rpc.RetryInfo). */
function retryDelayOf(error: unknown): number | undefined {
  const details = (error as { readonly statusDetails?: unknown }).statusDetails
  if (!Array.isArray(details)) return undefined
  for (const detail of details as readonly { readonly retryDelay?: { readonly seconds?: unknown; readonly nanos?: unknown } }[]) {
    const { seconds = 0, nanos = 0 } = detail?.retryDelay ?? {}
    const delayMs = Number(seconds) * 1000 + Number(nanos) / 1e6
    if (delayMs > 0) return delayMs
  }
  return undefined
}

/** Links into consoles name projects and accounts: they are left out. */
function plainMessage(error: unknown): string {
  const text = redactUrls(errorMessage(error)).replace(/\b[a-z]+:\/\/\S+/gi, '(link)')
  return (text.length > 300 ? `${text.slice(0, 300)}…` : text).trim().replace(/[.:]+$/, '')
}
