import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'

/** What a server was found to do: its HTTP or RTSP status, `reachable` where nothing more can be told, or the system's error code. */
export type ServerAnswer =
  | { readonly status: number }
  | { readonly reachable: true }
  | { readonly code: string }
  | { readonly silent: true }

const defaultPorts: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322, 'rtmp:': 1935, 'rtmps:': 443 }

/** Asks a server once why it gives no video, since OpenCV does not say. @returns undefined when it cannot be asked. */
export async function askServer(url: string, timeoutMs: number): Promise<ServerAnswer | undefined> {
  const target = URL.canParse(url) ? new URL(url) : undefined
  if (target === undefined) return undefined
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    if (/^https?:$/.test(target.protocol)) return { status: await statusOf(target, signal) }
    const port = Number(target.port) || defaultPorts[target.protocol]
    if (port === undefined) return undefined
    const host = target.hostname.replace(/^\[|\]$/g, '')
    if (target.protocol === 'rtsp:') return { status: await describe(target, host, port, signal) }
    await reach(host, port, signal)
    return { reachable: true }
  } catch (thrown) {
    if (signal.aborted) return { silent: true }
    return { code: (thrown as NodeJS.ErrnoException).code ?? 'unknown' }
  }
}

function statusOf(url: URL, signal: AbortSignal): Promise<number> {
  const { username, password } = url
  const auth = username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { auth, signal }, (response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    request.on('error', reject)
    request.end()
  })
}

function reach(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal })
    socket.on('error', reject)
    socket.on('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}

/** Asks an RTSP server for a description, without credentials, and reads the status of its answer. */
function describe(url: URL, host: string, port: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal })
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text
      const [, status] = /^RTSP\/1\.\d (\d{3})/.exec(answer) ?? []
      if (status === undefined && answer.length < 100) return
      resolve(Number(status ?? 0))
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(0))
    const bare = `rtsp://${url.host}${url.pathname}${url.search}`
    socket.write(`DESCRIBE ${bare} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\nUser-Agent: snapmint\r\n\r\n`)
  })
}
