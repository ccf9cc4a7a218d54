import { connect, type Socket } from 'node:net'
import type { Answer, Authorize } from './ask-http.js'

const maxHeadLength = 16_384

/**
 * Asks an RTSP server for a description.
 * @param url without credentials.
 * @param authorize answers a challenge; on the same connection, for there are servers whose nonce holds on that one only.
 */
export async function askRtsp(url: URL, port: number, authorize: Authorize, signal: AbortSignal): Promise<Answer> {
  const uri = `rtsp://${url.host}${url.pathname}${url.search}`
  const open = () => connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port, signal })
  const first = open()
  try {
    const answer = await describe(first, uri, 1)
    const authorization = answer.status === 401 ? authorize(answer.challenges, 'DESCRIBE', uri) : undefined
    if (authorization === undefined) return answer
    const again = await describe(first, uri, 2, authorization).catch(() => undefined)
    if (again !== undefined && again.status > 0) return again
    // It has closed the connection with its refusal.
    return await describeAnew(open(), uri, authorization)
  } finally {
    first.destroy()
  }
}

async function describeAnew(socket: Socket, uri: string, authorization: string): Promise<Answer> {
  try {
    return await describe(socket, uri, 1, authorization)
  } finally {
    socket.destroy()
  }
}

function describe(socket: Socket, uri: string, sequence: number, authorization?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const settle = () => {
      socket.removeAllListeners('data').removeListener('close', settle)
      resolve(parseHead(text))
    }
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part
      if (/RTSP\/1\.\d \d{3}.*?\r?\n\r?\n/s.test(text) || !couldBeRtsp(text, sequence)) settle()
    })
    socket.on('close', settle)
    socket.on('error', reject)
    if (socket.destroyed) settle()
    const lines = [`DESCRIBE ${uri} RTSP/1.0`, `CSeq: ${sequence}`, 'Accept: application/sdp', 'User-Agent: snapmint']
    if (authorization !== undefined) lines.push(`Authorization: ${authorization}`)
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  })
}

/** Before a second answer, the rest of the first may come. */
function couldBeRtsp(text: string, sequence: number): boolean {
  return text.length < maxHeadLength && (sequence > 1 || text.startsWith('RTSP/1.'.slice(0, text.length)))
}

function parseHead(text: string): Answer {
  const head = text.slice(Math.max(0, text.search(/RTSP\/1\.\d \d{3}/)))
  const values = (name: string) =>
    [...head.matchAll(new RegExp(`^${name}:[ \\t]*(.*?)\\r?$`, 'gim'))].map(([, value = '']) => value)
  return {
    status: Number(/^RTSP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0),
    challenges: values('WWW-Authenticate').join(', '),
    location: values('Location')[0],
  }
}
