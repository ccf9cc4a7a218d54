import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { parseMultipart } from './multipart.js'
import { createNodeStore, type Line, NodeRefusal } from './node-store.js'

export interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers?: Record<string, string>
}

/** How one request goes wrong. */
export type Fault =
  /** An error as answer; nothing is stored. */
  | Refusal
  /** The connection breaks before, or in the middle of, the body. */
  | 'reset'
  | 'reset-mid-body'
  /** All is done as asked, but the connection breaks before the answer, or the answer ends in its middle. */
  | 'answer-lost'
  | 'answer-truncated'
  /** Nothing is done and nothing answered, until the client gives up. */
  | 'hang'
  /** The node answers the CID of something else. */
  | 'wrong-cid'
  /** A byte is damaged on the way. */
  | 'damaged'
  /** The node adds, and fails to pin: it has answered already, and says so in a trailer, as Kubo does. */
  | 'unpinned'
  /** The node uses settings of its own, for files or for folders. */
  | 'own-settings'
  | 'own-folders'

export interface SeenRequest {
  /** `add`, `pin/ls`, `files/cp` … */
  readonly command: string
  readonly query: URLSearchParams
  readonly headers: http.IncomingHttpHeaders
}

export const nodeAddresses = [
  '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
  '/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
]

const otherCid = 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A node's RPC API in this process, with real CIDs. Faults are injected by `setFault`. */
export async function createIpfsDouble({ authorization }: { readonly authorization?: string } = {}) {
  const store = createNodeStore()
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const control = {
    fault: undefined as ((request: SeenRequest, paths: readonly string[]) => Fault | undefined) | undefined,
    /** Whether a move replaces a file, as Kubo's does. */
    movesOnto: true,
    /** Runs when an add is done and before it is answered. */
    beforeAnswer: undefined as ((request: SeenRequest) => Promise<void>) | undefined,
  }

  async function add(
    { query }: SeenRequest,
    fault: Fault | undefined,
    headers: http.IncomingHttpHeaders,
    body: Buffer,
  ): Promise<readonly Line[]> {
    const parts = parseMultipart(headers['content-type'], body)
    const settings = new URLSearchParams(query)
    if (fault === 'own-settings') for (const name of ['cid-version', 'raw-leaves']) settings.delete(name)
    if (fault === 'unpinned') settings.set('pin', 'false')
    const sent =
      fault === 'damaged' ? parts.map(({ path, content }) => ({ path, content: Buffer.from(content).fill(1, 0, 1) })) : parts
    const lines = await store.add(sent, settings)
    if (fault === 'own-folders') return lines.map((line, index) => (index < parts.length ? line : { ...line, Hash: otherCid }))
    return fault === 'wrong-cid' ? lines.map((line) => ({ ...line, Hash: otherCid })) : lines
  }

  const commands: Readonly<Record<string, (query: URLSearchParams) => unknown>> = {
    'pin/ls': (query) => {
      const cid = query.get('arg') ?? ''
      if (!store.pins.has(cid)) throw new NodeRefusal(`path '${cid}' is not pinned`)
      return { Type: 'recursive', Cid: cid, Keys: { [cid]: { Type: 'recursive' } } }
    },
    id: () => ({
      ID: nodeAddresses[0]!.split('/').at(-1),
      PublicKey: '',
      Addresses: nodeAddresses,
      AgentVersion: 'double',
      Protocols: [],
    }),
    'files/stat': (query) => store.stat(query.get('arg') ?? ''),
    'files/cp': (query) => {
      const [from = '', to = ''] = query.getAll('arg')
      store.cp(from, to, query.get('parents') === 'true')
    },
    'files/mv': (query) => {
      const [from = '', to = ''] = query.getAll('arg')
      store.mv(from, to, control.movesOnto)
    },
    'files/rm': (query) => store.rm(query.get('arg') ?? ''),
  }

  function refuse(response: ServerResponse, { status, message, headers = {} }: Refusal): void {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ Message: message, Code: 0, Type: 'error' }))
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double')
    const seen: SeenRequest = { command: pathname.replace('/api/v0/', ''), query: searchParams, headers: request.headers }
    requests.push(seen)
    const early = control.fault?.(seen, [])
    if (early === 'reset') return void request.socket.destroy()
    if (early === 'reset-mid-body') return void request.once('data', () => request.socket.destroy())
    if (early === 'hang') return void request.resume()
    const body = await readAll(request)
    if (authorization !== undefined && request.headers.authorization !== authorization)
      return refuse(response, { status: 403, message: '403 - Forbidden' })
    const paths =
      seen.command === 'add'
        ? parseMultipart(request.headers['content-type'], body).map(({ content }) => content.toString('latin1'))
        : []
    const fault = early ?? control.fault?.(seen, paths)
    if (typeof fault === 'object') return refuse(response, fault)
    const command = commands[seen.command]
    if (request.method !== 'POST' || (command === undefined && seen.command !== 'add'))
      return refuse(response, { status: 404, message: '404 page not found' })
    const lines = seen.command === 'add' ? await add(seen, fault, request.headers, body) : [command!(searchParams)]
    await control.beforeAnswer?.(seen)
    const text = lines.map((line) => (line === undefined ? '' : `${JSON.stringify(line)}\n`)).join('')
    if (fault === 'answer-lost') return void request.socket.destroy()
    const isUnpinned = fault === 'unpinned' && seen.command === 'add'
    response.writeHead(200, { 'content-type': 'application/json', ...(isUnpinned ? { trailer: 'X-Stream-Error' } : {}) })
    if (isUnpinned) response.addTrailers({ 'X-Stream-Error': 'pin: datastore closed' })
    if (fault !== 'answer-truncated') return void response.end(text)
    response.write(text.slice(0, text.length / 2), () => request.socket.destroy())
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      if (response.destroyed) return
      const message = thrown instanceof Error ? thrown.message : String(thrown)
      refuse(response, { status: 500, message })
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    ...store,
    url: `http://127.0.0.1:${port}`,
    requests,
    sockets,
    control,
    setFault(fault: typeof control.fault) {
      control.fault = fault
    },
    count: (command: string) => requests.filter((request) => request.command === command).length,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type IpfsDouble = Awaited<ReturnType<typeof createIpfsDouble>>

export const refusal = (status: number, message = 'something', headers: Record<string, string> = {}): Refusal => ({
  status,
  message,
  headers,
})
