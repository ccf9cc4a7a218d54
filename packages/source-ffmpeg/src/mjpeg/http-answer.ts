import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { NeedsFfmpeg } from '../needs-ffmpeg.js'
import { createChunkedBody } from './chunked-body.js'
import { type Head, parseHead } from './http-head.js'

/** One read takes a whole picture of most cameras. */
const readBytes = 256 * 1024
const maxHeadBytes = 64 * 1024
/** The silence of a server is looked for so many times in the time that it may last. */
const looks = 4

/** The head of an answer, and its body to come. */
export interface HttpAnswer {
  readonly status: number
  readonly head: Head
  /** What `WWW-Authenticate` asks for, in the order of the answer. */
  readonly challenges: readonly string[]
  /**
   * Hands on the body as it comes, each chunk borrowed for the call. Fulfilled at its end; rejected when the connection breaks, the server falls silent, or `onChunk` throws.
   * Call once.
   */
  read(onChunk: (chunk: Buffer<ArrayBuffer>) => void): Promise<void>
  /** Closes the connection. */
  destroy(): void
}

export interface HttpQuestion {
  readonly url: URL
  /** Lines of the request's head besides the first, `Host` and `Connection`. */
  readonly fields: Readonly<Record<string, string>>
  /** A server that is silent for so long, in ms, is given up. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Asks by GET, on a connection of its own. One buffer serves all reads, which costs a third of what Node's own client does: a camera goes on for months.
 *
 * Rejects with Node's error when the connection fails, with `code: 'ETIMEDOUT'` when the server is silent, with NeedsFfmpeg for an answer that is no HTTP, and with what `signal`
 * aborted with.
 */
export function askHttp({ url, fields, timeoutMs, signal }: HttpQuestion): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let text = ''
    let take: ((bytes: Buffer<ArrayBuffer>) => void) | undefined
    let early: Buffer<ArrayBuffer> = Buffer.alloc(0)
    let head: Head = new Map()
    let settle: (error?: unknown) => void = (error) =>
      reject(error ?? failure('the server closed the connection without an answer'))
    const socket = open(url, (length, buffer) => {
      const bytes = (buffer as Buffer<ArrayBuffer>).subarray(0, length)
      try {
        if (take !== undefined) take(bytes)
        else return takeHead(bytes)
      } catch (error) {
        finish(error)
      }
      return true
    })
    const abort = () => finish(signal.reason)
    const deadline = setTimeout(() => finish(silence(timeoutMs)), timeoutMs)
    let stopWatching = () => clearTimeout(deadline)
    signal.addEventListener('abort', abort)
    socket.on('error', finish)
    socket.on('close', () => finish())
    socket.write(requestText(url, fields))

    function finish(error?: unknown): void {
      stopWatching()
      signal.removeEventListener('abort', abort)
      socket.destroy()
      settle(error)
    }

    /** Collects the head. Behind it reading stops until somebody asks for the body. */
    function takeHead(bytes: Buffer<ArrayBuffer>): boolean {
      text += bytes.toString('latin1')
      const end = /\r?\n\r?\n/.exec(text)
      if (end === null && text.length <= maxHeadBytes) return true
      const status = Number(/^HTTP\/\d\.\d +(\d{3})\b/.exec(text)?.[1])
      if (end === null || Number.isNaN(status)) throw new NeedsFfmpeg('its answer is no HTTP')
      const lines = text.slice(0, end.index)
      early = Buffer.from(text.slice(end.index + end[0].length), 'latin1')
      text = ''
      // 100 Continue and the like: the answer proper follows.
      if (status < 200) return takeHead(early)
      clearTimeout(deadline)
      head = parseHead(lines)
      resolve({ status, head, challenges: challengesOf(lines), read, destroy: () => finish() })
      return false
    }

    function read(onChunk: (chunk: Buffer<ArrayBuffer>) => void): Promise<void> {
      return new Promise((fulfil, fail) => {
        settle = (error) => (error === undefined ? fulfil() : fail(error))
        if (socket.destroyed) return finish()
        stopWatching = watchSilence(socket, timeoutMs, () => finish(silence(timeoutMs)))
        const push = frameBody(head, onChunk)
        take = (bytes) => {
          if (!push(bytes)) finish()
        }
        try {
          take(early)
        } catch (error) {
          return finish(error)
        }
        socket.resume()
      })
    }
  })
}

/** The body without its transfer coding. The function takes what comes and says whether more of it is to come. */
function frameBody(head: Head, onChunk: (chunk: Buffer<ArrayBuffer>) => void): (bytes: Buffer<ArrayBuffer>) => boolean {
  if (/\bchunked\b/i.test(head.get('transfer-encoding') ?? '')) return createChunkedBody(onChunk).push
  const length = head.get('content-length') ?? ''
  let left = /^\d{1,15}$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY
  return (bytes) => {
    const own = bytes.length <= left ? bytes : bytes.subarray(0, left)
    left -= own.length
    if (own.length > 0) onChunk(own)
    return left > 0
  }
}

function open(url: URL, callback: (length: number, buffer: Uint8Array) => boolean): Socket {
  // Addresses of IPv6 stand in brackets in a URL.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = url.protocol === 'https:'
  const port = Number(url.port || (secure ? 443 : 80))
  const onread = { buffer: Buffer.allocUnsafeSlow(readBytes), callback }
  if (!secure) return connectTcp({ host, port, onread })
  // Its types do not know `onread`, which it takes as net.connect does.
  return connectTls({ host, port, ...{ onread }, ...(isIP(host) === 0 && { servername: host }) })
}

function requestText(url: URL, fields: HttpQuestion['fields']): string {
  const lines = Object.entries({ Host: url.host, ...fields, Connection: 'close' }).map(
    // Part of it comes from the server's challenge.
    ([name, value]) => `${name}: ${value.replace(controlCharacters, '')}`,
  )
  return [`GET ${url.pathname}${url.search} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a head.
const controlCharacters = /[\x00-\x1f\x7f]/g

const challengesOf = (lines: string) =>
  [...lines.matchAll(/^www-authenticate[ \t]*:[ \t]*(.*?)\s*$/gim)].map(([, value = '']) => value)

/** Calls back once when nothing was read for `timeoutMs`, at most a quarter later: a timer for each read would cost more than the look. */
function watchSilence(socket: Socket, timeoutMs: number, onSilence: () => void): () => void {
  let bytesRead = socket.bytesRead
  let quiet = 0
  const timer = setInterval(() => {
    quiet = socket.bytesRead === bytesRead ? quiet + 1 : 0
    bytesRead = socket.bytesRead
    if (quiet >= looks) onSilence()
  }, timeoutMs / looks)
  return () => clearInterval(timer)
}

const failure = (message: string, code = '') => Object.assign(new Error(message), { code })
const silence = (timeoutMs: number) => failure(`it was silent for ${timeoutMs} ms`, 'ETIMEDOUT')
