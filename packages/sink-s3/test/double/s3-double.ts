import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { decodeAwsChunked } from './aws-chunked.js'
import { crc32Base64, createObjectStore } from './object-store.js'
import { escapeXml, isRefusal, type Refusal, refusal, refusalXml } from './refusal.js'
import { checkPayload, checkSignature } from './signature.js'

/** How one request goes wrong. */
export type Fault =
  /** An error as answer; nothing is stored. */
  | Refusal
  /** The connection breaks before the body is read. */
  | 'reset'
  /** The connection breaks when a part of the body has been read. */
  | 'reset-mid-body'
  /** All is done as asked, but the connection breaks before the answer. */
  | 'answer-lost'
  /** All is done as asked, but the answer ends in its middle. */
  | 'answer-truncated'
  /** All is done as asked, but the answer stops in its middle, until the client gives up. */
  | 'answer-stalls'
  /** Nothing is done and nothing answered, until the client gives up. */
  | 'hang'

export interface SeenRequest {
  readonly operation: string
  readonly key: string
  readonly headers: http.IncomingHttpHeaders
  readonly chunked: boolean
}

export interface S3DoubleOptions {
  readonly buckets?: readonly string[]
  readonly region?: string
  readonly secrets?: Readonly<Record<string, string>>
  readonly now?: () => number
}

interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: Buffer | string
}

interface Call {
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: http.IncomingHttpHeaders
  readonly data: Buffer
}

export const accessKeyId = 'DOUBLEKEY'
export const secretAccessKey = 'double/secret+key'

function operationOf(method: string, key: string, query: URLSearchParams): string {
  if (query.has('uploads')) return method === 'POST' ? 'CreateMultipartUpload' : 'ListMultipartUploads'
  if (query.has('uploadId')) return { PUT: 'UploadPart', POST: 'CompleteMultipartUpload' }[method] ?? 'AbortMultipartUpload'
  if (key === '') return 'Bucket'
  return { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject' }[method] ?? method
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** The bytes behind the framing, checked against every checksum that came with them. */
function verifiedBody(headers: http.IncomingHttpHeaders, body: Buffer): { readonly data: Buffer; readonly chunked: boolean } {
  const chunked = headers['content-encoding']?.includes('aws-chunked') ?? false
  const { data, trailers } = chunked ? decodeAwsChunked(body) : { data: body, trailers: {} as Record<string, string> }
  const length = headers['x-amz-decoded-content-length']
  if (chunked && length !== undefined && Number(length) !== data.length) throw refusal(400, 'IncompleteBody')
  const claimed = headers['x-amz-checksum-crc32']?.toString() ?? trailers['x-amz-checksum-crc32']
  if (claimed !== undefined && claimed !== crc32Base64(data))
    throw refusal(400, 'BadDigest', 'The CRC32 you specified did not match the calculated checksum')
  if (!chunked) checkPayload(headers, data)
  return { data, chunked }
}

/**
 * An S3 store in this process that checks what no server here does: signatures, payload hashes, checksums, conditions also on completed uploads, sizes of parts and of
 * metadata, regions. Path style only. Faults are injected by `fault`.
 */
export async function createS3Double(options: S3DoubleOptions = {}) {
  const { buckets = ['pictures'], region = 'us-east-1', secrets = { [accessKeyId]: secretAccessKey }, now = Date.now } = options
  const store = createObjectStore()
  for (const bucket of buckets) store.buckets.add(bucket)
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const control = { fault: undefined as ((request: SeenRequest) => Fault | undefined) | undefined }

  const kept = (headers: http.IncomingHttpHeaders) =>
    Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => /^(content-type|cache-control|x-amz-meta-.*)$/.test(name))
        .map(([name, value]) => [name, String(value)]),
    )

  const createOnly = ({ headers }: Call) => headers['if-none-match'] === '*'

  const operations: Readonly<Record<string, (call: Call) => Answer>> = {
    PutObject(call) {
      const etag = store.put(call.bucket, call.key, { data: call.data, headers: kept(call.headers) }, createOnly(call))
      return { status: 200, headers: { etag } }
    },
    GetObject({ bucket, key }) {
      const { data, headers } = store.get(bucket, key)
      return { status: 200, headers: { ...headers }, body: data }
    },
    HeadObject({ bucket, key }) {
      const { data, headers } = store.get(bucket, key)
      return { status: 200, headers: { ...headers, 'content-length': String(data.length) } }
    },
    CreateMultipartUpload({ bucket, key, headers }) {
      const id = store.begin(bucket, key, kept(headers))
      return { status: 200, body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>` }
    },
    UploadPart({ query, data }) {
      const etag = store.putPart(query.get('uploadId') ?? '', Number(query.get('partNumber')), data)
      return { status: 200, headers: { etag, 'x-amz-checksum-crc32': crc32Base64(data) } }
    },
    CompleteMultipartUpload(call) {
      const xml = call.data.toString()
      const parts = [...xml.matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => ({
        number: Number(/<PartNumber>(\d+)/.exec(part)?.[1]),
        etag: (/<ETag>(.*?)<\/ETag>/.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
      }))
      store.complete(call.query.get('uploadId') ?? '', parts, createOnly(call))
      return { status: 200, body: '<CompleteMultipartUploadResult><ETag>"done"</ETag></CompleteMultipartUploadResult>' }
    },
    AbortMultipartUpload({ query }) {
      store.abort(query.get('uploadId') ?? '')
      return { status: 204 }
    },
    ListMultipartUploads({ bucket, query }) {
      const listed = [...store.uploads].filter(
        ([, upload]) => upload.bucket === bucket && upload.key.startsWith(query.get('prefix') ?? ''),
      )
      const xml = listed.map(([id, { key }]) => `<Upload><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId></Upload>`)
      return { status: 200, body: `<ListMultipartUploadsResult>${xml.join('')}</ListMultipartUploadsResult>` }
    },
  }

  function answer(response: ServerResponse, { status, headers = {}, body = '' }: Answer, fault?: Fault): void {
    const bytes = Buffer.from(body)
    const isHead = response.req.method === 'HEAD'
    const isPartial = fault === 'answer-truncated' || fault === 'answer-stalls'
    const length = isHead ? {} : { 'content-length': String(isPartial && bytes.length === 0 ? 20 : bytes.length) }
    response.writeHead(status, { 'x-amz-request-id': 'DOUBLE0001', ...length, ...headers })
    if (!isPartial) return void response.end(isHead ? undefined : bytes)
    response.flushHeaders()
    response.write(bytes.subarray(0, bytes.length >> 1))
    if (fault === 'answer-truncated') setImmediate(() => response.destroy())
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const { pathname, searchParams } = new URL(url, 'http://double')
    const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent)
    const key = rest.join('/')
    const operation = operationOf(method, key, searchParams)
    const chunked = headers['content-encoding']?.includes('aws-chunked') ?? false
    const seen = { operation, key, headers, chunked }
    requests.push(seen)
    const fault = control.fault?.(seen)
    if (fault === 'hang') return
    if (fault === 'reset') return void request.socket.resetAndDestroy()
    if (fault === 'reset-mid-body')
      return void request.once('data', () => request.socket.resetAndDestroy()).once('end', () => request.socket.resetAndDestroy())
    const body = await readAll(request)
    if (isRefusal(fault)) throw fault
    checkSignature({ method, url, headers }, { region, secrets, now })
    store.expectBucket(bucket)
    const length = headers['content-length'] ?? headers['x-amz-decoded-content-length']
    if (method === 'PUT' && length === undefined) throw refusal(411, 'MissingContentLength')
    const { data } = verifiedBody(headers, body)
    const run = operations[operation]
    if (run === undefined) throw refusal(501, 'NotImplemented', `The double does not know ${operation}`)
    const result = run({ bucket, key, query: searchParams, headers, data })
    if (fault === 'answer-lost') return void request.socket.resetAndDestroy()
    answer(response, result, fault)
  }

  const server = http.createServer((request, response) => {
    handle(request, response).catch((thrown: unknown) => {
      if (response.destroyed || request.socket.destroyed) return
      const refused = isRefusal(thrown) ? thrown : refusal(500, 'InternalError', String(thrown))
      const date = new Date(now()).toUTCString()
      answer(response, {
        status: refused.status,
        headers: { date, 'x-amz-bucket-region': region, ...refused.headers },
        body: refusalXml(refused),
      })
    })
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    endpoint,
    region,
    ...store,
    requests,
    /** Decides which requests go wrong, and how. */
    setFault(fault: ((request: SeenRequest) => Fault | undefined) | undefined) {
      control.fault = fault
    },
    /** Connections that are open now. */
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type S3Double = Awaited<ReturnType<typeof createS3Double>>
