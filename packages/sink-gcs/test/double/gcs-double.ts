import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { parseMultipart } from './multipart.js'
import { type ClientMetadata, crc32cBase64, createObjectStore, md5Base64 } from './object-store.js'
import { isRefusal, type Refusal, refusal, refusalJson } from './refusal.js'
import { takeChunk } from './resumable.js'
import { checkSignedUrl } from './signed-url.js'

/** How one request goes wrong. */
export type Fault =
  /** An error as answer; nothing is stored. */
  | Refusal
  /** The connection breaks before the body is read. */
  | 'reset'
  /** The connection breaks when a part of the body has been read. */
  | 'reset-mid-body'
  /** A byte of the body changes on its way. */
  | 'damage'
  /** All is done as asked, but the connection breaks before the answer. */
  | 'answer-lost'
  /** All is done as asked, but the answer ends in its middle. */
  | 'answer-truncated'
  /** All is done as asked, but the answer stops in its middle, until the client gives up. */
  | 'answer-stalls'
  /** Nothing is done and nothing answered, until the client gives up. */
  | 'hang'

export type Operation = 'upload' | 'begin' | 'chunk' | 'metadata' | 'read' | 'signed'

export interface SeenRequest {
  readonly operation: Operation
  readonly bucket: string
  readonly name: string
  readonly query: URLSearchParams
  readonly headers: http.IncomingHttpHeaders
}

interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: Buffer | string
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** What a request asks for, by the paths of the JSON API and of signed URLs. */
function readRequest({ method, url = '', headers }: IncomingMessage): SeenRequest {
  const { pathname, searchParams: query } = new URL(url, 'http://double')
  const segments = pathname.slice(1).split('/')
  const seen = (operation: Operation, bucket: string, name: string): SeenRequest => ({ operation, bucket, name, query, headers })
  if (pathname.startsWith('/upload/storage/v1/b/')) {
    const bucket = decodeURIComponent(segments[4] ?? '')
    if (method === 'PUT') return seen('chunk', bucket, query.get('name') ?? '')
    if (query.get('uploadType') === 'resumable') return seen('begin', bucket, query.get('name') ?? '')
    if (query.get('uploadType') === 'multipart') return seen('upload', bucket, query.get('name') ?? '')
  }
  if (method !== 'GET') throw refusal(501, 'notImplemented', `The double does not know ${method} ${pathname}`)
  // With STORAGE_EMULATOR_HOST the SDK leaves the first segments out where it does not upload.
  if (segments[0] === 'b') segments.unshift('storage', 'v1')
  if (segments.slice(0, 3).join('/') === 'storage/v1/b')
    return seen(
      query.get('alt') === 'media' ? 'read' : 'metadata',
      decodeURIComponent(segments[3]!),
      decodeURIComponent(segments[5]!),
    )
  return seen('signed', segments[0]!, decodeURIComponent(segments.slice(1).join('/')))
}

export interface GcsDoubleOptions {
  /** Who may sign URLs: the public half of the key. */
  readonly publicKey?: string
}

/**
 * Cloud Storage's JSON API in this process, and strict where the emulator is not: preconditions, hashes, chunks of resumable uploads, buckets that must exist, limits of
 * names and metadata. Faults are injected by `setFault`.
 */
export async function createGcsDouble({ publicKey }: GcsDoubleOptions = {}) {
  const store = createObjectStore()
  store.buckets.add('pictures')
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const control = {
    fault: undefined as ((request: SeenRequest) => Fault | undefined) | undefined,
    keptBytes: undefined as number | undefined,
  }
  let endpoint = ''

  const operations: Readonly<Record<Operation, (seen: SeenRequest, body: Buffer, path: string) => Answer>> = {
    upload(seen, body) {
      const { metadata, data } = parseMultipart(seen.headers['content-type'], body)
      return { status: 200, body: store.put(seen, metadata, data) }
    },
    begin(seen, body) {
      const { 'x-upload-content-type': contentType, 'x-upload-content-length': length } = seen.headers
      const metadata = { ...(JSON.parse(body.toString()) as ClientMetadata), contentType: String(contentType) }
      const id = store.begin(seen, metadata, length === undefined ? undefined : Number(length))
      const query = new URLSearchParams({ uploadType: 'resumable', name: seen.name, upload_id: id })
      return { status: 200, headers: { location: `${endpoint}/upload/storage/v1/b/${seen.bucket}/o?${query}` } }
    },
    chunk(seen, body) {
      const { keptBytes } = control
      control.keptBytes = undefined
      return takeChunk(store, seen.query.get('upload_id') ?? '', seen.headers['content-range'], body, keptBytes)
    },
    metadata: (seen) => ({ status: 200, body: store.describe(seen) }),
    read(seen) {
      const { data } = store.get(seen)
      const hash = `crc32c=${crc32cBase64(data)},md5=${md5Base64(data)}`
      return { status: 200, headers: { 'content-type': 'image/jpeg', 'x-goog-hash': hash }, body: data }
    },
    signed(seen, _body, path) {
      const object = store.get(seen)
      if (object.isPublic !== true) {
        if (publicKey === undefined) throw refusal(403, 'AccessDenied')
        checkSignedUrl({ host: String(seen.headers.host), path, query: seen.query }, publicKey)
      }
      return { status: 200, headers: { 'content-type': 'image/jpeg' }, body: object.data }
    },
  }

  function answer(response: ServerResponse, { status, headers = {}, body = '' }: Answer, fault?: Fault): void {
    const bytes = Buffer.from(body)
    const isPartial = fault === 'answer-truncated' || fault === 'answer-stalls'
    response.writeHead(status, {
      'content-type': 'application/json; charset=UTF-8',
      'x-guploader-uploadid': 'DOUBLE0001',
      'content-length': String(isPartial && bytes.length === 0 ? 20 : bytes.length),
      ...headers,
    })
    if (!isPartial) return void response.end(bytes)
    response.write(bytes.subarray(0, bytes.length >> 1))
    if (fault === 'answer-truncated') setImmediate(() => response.destroy())
    else response.flushHeaders()
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = readRequest(request)
    requests.push(seen)
    const fault = control.fault?.(seen)
    // Read to the end: a connection that is not read is not seen to close.
    if (fault === 'hang') return void request.resume()
    if (fault === 'reset') return void request.socket.resetAndDestroy()
    if (fault === 'reset-mid-body')
      return void request.once('data', () => request.socket.resetAndDestroy()).once('end', () => request.socket.resetAndDestroy())
    const body = await readAll(request)
    if (isRefusal(fault)) throw fault
    if (fault === 'damage') body[body.length >> 1]! ^= 1
    const result = operations[seen.operation](seen, body, new URL(request.url ?? '', endpoint).pathname)
    if (fault === 'answer-lost') return void request.socket.resetAndDestroy()
    answer(response, result, fault)
  }

  const server = http.createServer((request, response) => {
    handle(request, response).catch((thrown: unknown) => {
      if (response.destroyed || request.socket.destroyed) return
      const refused = isRefusal(thrown) ? thrown : refusal(500, 'internalError', String(thrown))
      answer(response, { status: refused.status, headers: refused.headers, body: refusalJson(refused) })
    })
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    endpoint,
    ...store,
    requests,
    /** Decides which requests go wrong, and how. */
    setFault(fault: ((request: SeenRequest) => Fault | undefined) | undefined) {
      control.fault = fault
    },
    /** Of the next chunk, only so many bytes are kept. */
    keepOnly(bytes: number) {
      control.keptBytes = bytes
    },
    /** Connections that are open now. */
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type GcsDouble = Awaited<ReturnType<typeof createGcsDouble>>
