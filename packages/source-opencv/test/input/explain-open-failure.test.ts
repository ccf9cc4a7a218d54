import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { explainOpenFailure } from '../../src/input/explain-open-failure.js'
import { planDevice } from '../../src/input/plan-device.js'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const digestChallenge = 'Digest realm="camera", nonce="n-1", qop="auth"'

/** A camera's own check of who asks, for `admin` with `p@ss`. */
function isRight(header: string, method: string): boolean {
  if (header.startsWith('Basic ')) return Buffer.from(header.slice(6), 'base64').toString() === 'admin:p@ss'
  const field = (name: string) => new RegExp(`\\b${name}="?([^",]+)`).exec(header)?.[1]
  const secret = md5('admin:camera:p@ss')
  const hashed = `${secret}:n-1:${field('nc')}:${field('cnonce')}:auth:${md5(`${method}:${field('uri')}`)}`
  return field('username') === 'admin' && field('response') === md5(hashed)
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const startHttp = (answer: (request: IncomingMessage, response: ServerResponse) => void) => listen(createServer(answer))

/** @param closes with each refusal. */
function startRtsp(challenge: string, closes: boolean): Promise<number> {
  const server = createTcpServer((socket) => {
    let requests = ''
    socket.on('error', () => {})
    socket.setEncoding('latin1').on('data', (text: string) => {
      requests += text
      if (!requests.endsWith('\r\n\r\n')) return
      const [, header = ''] = /^Authorization: (.*)\r$/m.exec(requests) ?? []
      requests = ''
      if (isRight(header, 'DESCRIBE')) return void socket.write('RTSP/1.0 404 Not Found\r\nCSeq: 2\r\n\r\n')
      // In two parts, and with a body.
      socket.write('RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Auth')
      const rest = `enticate: ${challenge}\r\nContent-Length: 6\r\n\r\nlog in`
      setImmediate(() => (closes ? socket.end(rest) : socket.write(rest)))
    })
  })
  return listen(server)
}

const explain = (device: string) => explainOpenFailure(planDevice({ device }), new Error('failed to open capture'), 5000)

describe('explainOpenFailure', () => {
  it.each([
    ['Basic realm="camera"', false],
    ['Basic realm="camera"', true],
    [digestChallenge, false],
    [`Digest realm="camera", nonce="n-0", algorithm=SHA-256, ${digestChallenge}`, true],
  ])('logs in to an RTSP server that asks for %s (closing: %s): a wrong path is told apart', async (challenge, closes) => {
    const port = await startRtsp(challenge, closes)
    const wrongPath = await explain(`rtsp://admin:p%40ss@127.0.0.1:${port}/nowhere?channel=1`)
    expect(wrongPath).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    expect(wrongPath.message).toContain('404')
    for (const login of ['admin:wrong@', '']) {
      const refused = await explain(`rtsp://${login}127.0.0.1:${port}/nowhere`)
      expect(refused).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED', retryAfterMs: 30_000 })
      expect(refused.message).not.toContain('wrong')
    }
  })

  it.each(['Basic realm="camera"', digestChallenge])(
    'logs in to an HTTP server that asks for %s: a wrong path is told apart',
    async (challenge) => {
      const port = await startHttp(({ headers, method = '' }, response) => {
        if (isRight(headers.authorization ?? '', method)) response.writeHead(404).end()
        else response.writeHead(401, { 'www-authenticate': challenge }).end()
      })
      const wrongPath = await explain(`http://admin:p%40ss@127.0.0.1:${port}/nowhere?channel=1`)
      expect(wrongPath).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
      const refused = await explain(`http://admin:wrong@127.0.0.1:${port}/nowhere`)
      expect(refused).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED', retryAfterMs: 30_000 })
    },
  )

  it('sends no password to a server that does not ask for it', async () => {
    const headers: unknown[] = []
    const port = await startHttp((request, response) => {
      headers.push(request.headers.authorization)
      response.writeHead(404).end()
    })
    await explain(`http://admin:p%40ss@127.0.0.1:${port}/`)
    expect(headers).toEqual([undefined])
  })

  it.each(['/talk.mp4', '/live'])(
    'says where a server redirects to, without its secrets, and lets it be tried again: %s',
    async (path) => {
      const port = await startHttp((_request, response) => {
        response.writeHead(302, { location: 'http://user:s3cret@127.0.0.1/login?token=tok-1234#tok-5678' }).end()
      })
      const error = await explain(`http://127.0.0.1:${port}${path}`)
      expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
      expect(error.message).toContain('redirects to "http://***@127.0.0.1/login?***"')
      expect(error.message).not.toMatch(/s3cret|tok-/)
    },
  )

  it('says so of a redirect that leads back to itself, and of one that leads nowhere', async () => {
    const locations = ['/loop', undefined, 'javascript:secret']
    for (const location of locations) {
      const port = await startHttp((_request, response) => response.writeHead(301, location ? { location } : {}).end())
      const { message } = await explain(`http://127.0.0.1:${port}/loop`)
      expect(message).toContain(
        location === '/loop' ? `redirects to "http://127.0.0.1:${port}/loop"` : 'redirects to somewhere else',
      )
    }
  })
})
