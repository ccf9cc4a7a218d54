import { errorMessage, isHeaderText, SnapmintError } from '@snapmint/core/adapter'
import { boundedCall } from './bounded-call.js'
import { classifyPinningError, type PinningRefusal } from './classify-pinning-error.js'
import type { ResolvedPinningService } from './pinning-service-options.js'
import { hideSecrets, oneLine } from './read-failure.js'

export type PinState = 'queued' | 'pinning' | 'pinned' | 'failed'

/** What a service says of one request to pin. */
export interface PinStatus {
  readonly requestid: string
  readonly status: PinState
  readonly cid: string
  /** Why it failed, where the service says it. */
  readonly details: string
}

/** What a service is asked to pin. */
export interface PinRequest {
  readonly cid: string
  readonly name: string
  readonly origins: readonly string[]
  readonly meta: Readonly<Record<string, string>>
}

export interface PinningClient {
  /** The requests for `cid` that the service knows already. */
  find(cid: string, signal: AbortSignal): Promise<readonly PinStatus[]>
  create(pin: PinRequest, signal: AbortSignal): Promise<PinStatus>
  status(requestid: string, signal: AbortSignal): Promise<PinStatus>
  /** Takes the place of an earlier request; the new one has an id of its own. */
  replace(requestid: string, pin: PinRequest, signal: AbortSignal): Promise<PinStatus>
}

const states: readonly string[] = ['queued', 'pinning', 'pinned', 'failed']

/** More than any answer of theirs has; a service that is out of order may send without end. */
const maxAnswerBytes = 2 ** 20

/** Speaks the IPFS Pinning Service API 1.0. The token goes into a header and nowhere else. */
export function createPinningClient(service: ResolvedPinningService, fetch: typeof globalThis.fetch): PinningClient {
  const { endpoint, name, requestTimeoutMs } = service

  /** The answer, and the token that it might echo. */
  async function ask(action: string, path: string, signal: AbortSignal, body?: PinRequest) {
    let token = ''
    const answer = await boundedCall<unknown>({
      action: `${action} at ${name}`,
      signal,
      timeoutMs: requestTimeoutMs,
      advice: 'check the network and the service, or raise `requestTimeoutMs`',
      async call(callSignal) {
        token = await tokenOf(service)
        const response = await fetch(`${endpoint}/pins${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          // The token is for this address and no other.
          redirect: 'manual',
          signal: callSignal,
        })
        const text = await readText(response)
        if (!response.ok) throw refusalOf(response, text)
        return JSON.parse(text) as unknown
      },
      classify: (thrown) => classifyPinningError(thrown, { action: `${action} at ${name}`, token }),
    })
    return { answer, token }
  }

  const nonsense = (action: string) =>
    new SnapmintError(
      'SNAPMINT_SINK_FAILED',
      `Could not ${action} at ${name}: its answer is none of the Pinning Service API. Check \`endpoint\``,
      {
        adapter: 'ipfs',
        retryable: true,
      },
    )

  async function askStatus(action: string, path: string, signal: AbortSignal, body?: PinRequest): Promise<PinStatus> {
    const { answer, token } = await ask(action, path, signal, body)
    const status = readStatus(answer, token)
    if (status === undefined) throw nonsense(action)
    return status
  }

  return {
    async find(cid, signal) {
      const action = `look for ${cid}`
      const query = new URLSearchParams({ cid, status: states.join(','), limit: '10' })
      const { answer, token } = await ask(action, `?${query}`, signal)
      const { results } = (answer ?? {}) as { readonly results?: unknown }
      if (!Array.isArray(results)) throw nonsense(action)
      // A service that does not heed the filter must not pass something else off as the picture.
      return results.map((result) => readStatus(result, token)).filter((status) => status?.cid === cid) as PinStatus[]
    },
    create: (pin, signal) => askStatus(`pin ${pin.cid}`, '', signal, pin),
    status: (requestid, signal) =>
      askStatus(`see the status of ${shown(requestid)}`, `/${encodeURIComponent(requestid)}`, signal),
    replace: (requestid, pin, signal) => askStatus(`pin ${pin.cid} again`, `/${encodeURIComponent(requestid)}`, signal, pin),
  }
}

const shown = (requestid: string) => `the request ${JSON.stringify(requestid.slice(0, 100))}`

function readStatus(answer: unknown, token: string): PinStatus | undefined {
  const { requestid, status, pin, info } = (answer ?? {}) as Record<string, Record<string, unknown> | undefined>
  const cid = pin?.cid
  const isStatus = typeof requestid === 'string' && requestid !== '' && typeof status === 'string' && states.includes(status)
  if (!isStatus || typeof cid !== 'string') return undefined
  const details = info?.status_details ?? info?.error ?? ''
  return {
    requestid,
    status: status as PinState,
    cid,
    details: typeof details === 'string' ? oneLine(hideSecrets(details, [token])) : '',
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let byteLength = 0
  for await (const chunk of response.body ?? []) {
    byteLength += chunk.byteLength
    if (byteLength > maxAnswerBytes) throw new Error('The answer has no end')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** `{ error: { reason, details } }`, as the API has it, or the beginning of whatever came. */
function refusalOf(response: Response, text: string): PinningRefusal {
  let reason = ''
  let details = text
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly reason?: unknown; readonly details?: unknown } | string }
    reason = typeof error === 'string' ? error : String(error?.reason ?? '')
    details = typeof error === 'string' ? '' : String(error?.details ?? '')
  } catch {
    // No JSON: a proxy's page.
  }
  // Shortened later, when the token is out of it.
  const message = [reason, details].filter((part) => part !== '').join(': ')
  return Object.assign(new Error(message), {
    name: 'PinningRefusal',
    reason,
    response: { status: response.status, headers: response.headers },
  })
}

async function tokenOf({ token, tokenEnv, name }: ResolvedPinningService): Promise<string> {
  const refuse = (why: string) =>
    new SnapmintError('SNAPMINT_SINK_FORBIDDEN', `There is no token for ${name}: ${why}`, { adapter: 'ipfs' })
  if (tokenEnv !== undefined) {
    const value = process.env[tokenEnv]?.trim()
    if (!isHeaderText(value)) throw refuse(`set the environment variable ${tokenEnv}`)
    return value
  }
  const value: unknown = typeof token === 'function' ? await Promise.resolve(token()).catch((thrown: unknown) => thrown) : token
  if (isHeaderText(value)) return value
  throw refuse(`\`token\` gave none${value instanceof Error ? ` (${oneLine(errorMessage(value))})` : ''}`)
}
