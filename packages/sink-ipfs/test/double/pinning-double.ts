import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type State = 'queued' | 'pinning' | 'pinned' | 'failed'

export interface PinRecord {
  readonly requestid: string
  readonly pin: {
    readonly cid: string
    readonly name?: string
    readonly origins?: readonly string[]
    readonly meta?: Record<string, string>
  }
  /** What the service answers, one after the other; the last one stays. */
  readonly states: State[]
}

export interface SeenPinRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
}

type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> } | 'reset' | 'hang'

/** A service that speaks the IPFS Pinning Service API 1.0, in this process. */
export async function createPinningDouble({ token = 'secret-token' }: { readonly token?: string } = {}) {
  const pins = new Map<string, PinRecord>()
  const requests: SeenPinRequest[] = []
  const control = {
    /** The states of the n-th request to pin, from 0. */
    states: (_made: number): State[] => ['queued', 'pinning', 'pinned'],
    fault: undefined as ((request: SeenPinRequest) => Answer | undefined) | undefined,
    /** Other services than the spec wants answer everything to a look for one CID. */
    heedsFilter: true,
    refusesDuplicates: false,
  }
  let made = 0

  const create = (pin: PinRecord['pin']) => {
    const record: PinRecord = { requestid: `request/${made} ü`, pin, states: control.states(made) }
    made += 1
    pins.set(record.requestid, record)
    return record
  }
  const show = (record: PinRecord) => {
    const status = record.states.length > 1 ? record.states.shift()! : record.states[0]!
    return {
      requestid: record.requestid,
      status,
      created: '2026-11-21T00:00:00Z',
      pin: record.pin,
      delegates: ['/ip4/203.0.113.9/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'],
      ...(status === 'failed' ? { info: { status_details: 'no provider found' } } : {}),
    }
  }
  const refuse = (status: number, reason: string, details = ''): Answer => ({ status, body: { error: { reason, details } } })

  function list(query: URLSearchParams): Answer {
    const states = (query.get('status') ?? 'pinned').split(',')
    const cids = query.get('cid')?.split(',')
    const found = [...pins.values()].filter(
      ({ pin, states: [state] }) =>
        !control.heedsFilter || (states.includes(state!) && (cids === undefined || cids.includes(pin.cid))),
    )
    return { status: 200, body: { count: found.length, results: found.map(show) } }
  }

  function respond({ method, path, query, authorization }: SeenPinRequest, body: string): Answer {
    if (authorization !== `Bearer ${token}`) return refuse(401, 'UNAUTHORIZED', `Wrong token: ${authorization}`)
    const pin = () => JSON.parse(body) as PinRecord['pin']
    if (path === '/psa/pins' && method === 'GET') return list(query)
    if (path === '/psa/pins' && method === 'POST') {
      if (control.refusesDuplicates && [...pins.values()].some((present) => present.pin.cid === pin().cid))
        return refuse(400, 'DUPLICATE_OBJECT')
      return { status: 202, body: show(create(pin())) }
    }
    const record = pins.get(decodeURIComponent(path.replace('/psa/pins/', '')))
    if (record === undefined) return refuse(404, 'NOT_FOUND')
    if (method === 'GET') return { status: 200, body: show(record) }
    pins.delete(record.requestid)
    return { status: 202, body: show(create(pin())) }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double')
    const seen = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      authorization: request.headers.authorization,
    }
    requests.push(seen)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = control.fault?.(seen) ?? respond(seen, Buffer.concat(chunks).toString())
    if (answer === 'hang') return
    if (answer === 'reset') return void request.socket.destroy()
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}))
  }

  const server = http.createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    endpoint: `http://127.0.0.1:${port}/psa`,
    token,
    pins,
    requests,
    control,
    create,
    /** `GET /pins`, `POST /pins/…` and so on, in order. */
    asked: () => requests.map(({ method, path }) => `${method} ${path.replace(/^\/psa/, '').replace(/pins\/.+/, 'pins/…')}`),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type PinningDouble = Awaited<ReturnType<typeof createPinningDouble>>
