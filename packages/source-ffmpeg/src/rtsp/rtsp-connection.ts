import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import { createMessageSplitter, type MessageSplitterOptions } from './message-splitter.js'
import { formatRequest, type RtspResponse } from './rtsp-message.js'

const readBytes = 64 * 1024
/** A server that does not read gets no more reports once so many bytes wait. */
const maxUnsentBytes = 64 * 1024

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  /** RTSP over TLS. */
  readonly secure: boolean
  /** Connecting, and each answer, may take so long, in ms. */
  readonly timeoutMs: number
  readonly onMedia: MessageSplitterOptions['onMedia']
  /** Called once, when the connection has ended, however: without an error when the server closed it. */
  readonly onClose: (error: Error | undefined) => void
}

interface Pending {
  readonly resolve: (response: RtspResponse) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A server did not answer in time. */
export class AnswerTimeout extends Error {
  override readonly name = 'AnswerTimeout'
}

/** Opens the control connection to an RTSP server. One buffer serves all reads. */
export function openConnection(options: ConnectionOptions) {
  const { timeoutMs, onMedia, onClose } = options
  const pending = new Map<number, Pending>()
  let sequence = 0
  let closed: { readonly error: Error | undefined } | undefined
  const splitter = createMessageSplitter({ onMedia, onResponse, onRequest })
  const socket = connectSocket(options, take)
  const opened = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => close(new AnswerTimeout('the connection could not be opened')), timeoutMs)
    socket.once(options.secure ? 'secureConnect' : 'connect', resolve)
    socket.once('error', close)
    socket.once('close', () => {
      close(undefined)
      reject(closed?.error ?? new Error('the server closed the connection'))
    })
    const settle = () => clearTimeout(timer)
    socket.once('close', settle).once(options.secure ? 'secureConnect' : 'connect', settle)
  })
  socket.on('error', close)
  socket.on('end', () => close(undefined))

  function take(length: number, bytes: Uint8Array): boolean {
    if (closed !== undefined) return true
    try {
      splitter.take(bytes as Buffer, length)
    } catch (error) {
      close(error as Error)
    }
    return true
  }

  function onResponse(response: RtspResponse): void {
    // Some servers leave the number out: they answer in order.
    const number = Number(response.headers.get('cseq')?.[0] ?? pending.keys().next().value)
    const request = pending.get(number)
    if (request === undefined) return
    pending.delete(number)
    clearTimeout(request.timer)
    request.resolve(response)
  }

  function onRequest({ headers }: { readonly headers: ReadonlyMap<string, readonly string[]> }): void {
    const number = headers.get('cseq')?.[0]?.slice(0, 20) ?? ''
    if (/^\d*$/.test(number)) send(`RTSP/1.0 501 Not Implemented\r\nCSeq: ${number}\r\n\r\n`)
  }

  function close(error: Error | undefined): void {
    if (closed !== undefined) return
    closed = { error }
    socket.destroy()
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer)
      reject(error ?? new Error('the server closed the connection'))
    }
    pending.clear()
    onClose(error)
  }

  function send(data: string | Uint8Array): void {
    if (closed === undefined && socket.writableLength < maxUnsentBytes) socket.write(data)
  }

  return {
    /** Rejects when there is no connection. */
    opened,
    /** Rejects when no answer comes in time, or none at all. */
    request(method: string, url: string, headers: Readonly<Record<string, string | undefined>>): Promise<RtspResponse> {
      const number = ++sequence
      return new Promise((resolve, reject) => {
        if (closed !== undefined) return reject(closed.error ?? new Error('the server closed the connection'))
        const timer = setTimeout(() => {
          pending.delete(number)
          reject(new AnswerTimeout(`it did not answer ${method} within ${timeoutMs} ms`))
        }, timeoutMs)
        pending.set(number, { resolve, reject, timer })
        send(formatRequest(method, url, { CSeq: String(number), ...headers, 'User-Agent': 'snapmint' }))
      })
    },
    /** Sends media, as RTCP is called here too, on an interleaved channel. */
    sendMedia(channel: number, packet: Uint8Array): void {
      const head = Buffer.from([0x24, channel, 0, 0])
      head.writeUInt16BE(packet.length, 2)
      send(Buffer.concat([head, packet]))
    },
    close: () => close(undefined),
    localAddress: () => socket.localAddress,
    remoteAddress: () => socket.remoteAddress,
  }
}

export type RtspConnection = ReturnType<typeof openConnection>

function connectSocket(
  { host, port, secure }: ConnectionOptions,
  callback: (length: number, bytes: Uint8Array) => boolean,
): Socket {
  const onread = { buffer: Buffer.allocUnsafeSlow(readBytes), callback }
  if (!secure) return connectTcp({ host, port, noDelay: true, onread })
  // Its types do not know `onread`, which it takes as net.connect does.
  const options: TlsOptions = { host, port, ...{ onread }, ...(isIP(host) === 0 && { servername: host }) }
  return connectTls(options).setNoDelay(true)
}
