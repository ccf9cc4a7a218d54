import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ffmpegSource } from '../../src/index.js'
import { decodeChunks, encodeStream } from '../fixtures/encoded-stream.js'
import { describeWithFfmpeg } from '../fixtures/ffmpeg-tool.js'
import { until } from '../fixtures/processes.js'
import { readFrames } from '../fixtures/read-frames.js'
import { createPacketizer, senderReport } from '../fixtures/rtp-packets.js'
import { describeStream, type ScriptContext, type ScriptOptions, startScript } from '../fixtures/rtsp-script.js'
import { selfSigned } from '../fixtures/self-signed.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const cleanUps: (() => Promise<unknown>)[] = []
const frameSteps = 3600
let stream: Uint8Array[][] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

async function serve(options: ScriptOptions = {}) {
  const server = await startScript(options)
  cleanUps.push(server.close)
  return server
}

const urlOf = ({ port }: { port: number }, path = '/cam') => `rtsp://127.0.0.1:${port}${path}`

/** Sends the stream's access units, again and again, 25 a second. */
function play({ send, socket }: Pick<ScriptContext, 'send' | 'socket'>, channel = 0): void {
  const packetize = createPacketizer()
  let count = 0
  const timer = setInterval(() => {
    for (const packet of packetize(stream[count % stream.length] ?? [], count * frameSteps)) send(channel, packet)
    count += 1
  }, 40)
  socket.on('close', () => clearInterval(timer))
}

async function expectPlays(options: ScriptOptions, path?: string, source: Partial<Parameters<typeof ffmpegSource>[0]> = {}) {
  const server = await serve({ onPlay: play, ...options })
  const read = await readFrames(ffmpegSource({ input: urlOf(server, path), ...source }), { max: 3 })
  expect(read.error).toBeUndefined()
  expect(read.frames).toHaveLength(3)
  return { server, read }
}

async function expectFails(options: ScriptOptions, expected: Record<string, unknown>, said: RegExp, timeoutMs = 5000) {
  const server = await serve(options)
  const { error, frames } = await readFrames(ffmpegSource({ input: urlOf(server), timeoutMs }))
  expect(frames).toHaveLength(0)
  expect(error).toMatchObject({ name: 'SnapmintError', adapter: 'ffmpeg', retryable: true, ...expected })
  expect((error as Error).message).toMatch(said)
  return server
}

describeWithFfmpeg('an RTSP server', () => {
  beforeAll(async () => {
    stream = await encodeStream({ path: join(directory, 'stream.h264'), frames: 10 })
  })

  it.each([
    ['trackID=1', undefined, '/cam/trackID=1'],
    ['trackID=1', '/other/', '/other/trackID=1'],
    ['/abs/1', undefined, '/abs/1'],
    ['rtsp://10.0.0.1/x/track1', undefined, 'rtsp://10.0.0.1/x/track1'],
    ['*', undefined, '/cam'],
  ])('names its streams in its own way: %s with the base %s', async (control, base, expected) => {
    const sdp = describeStream({ control })
    const { server } = await expectPlays({
      answers: {
        DESCRIBE: ({ reply, port }) =>
          reply('200 OK', [...(base ? [`Content-Base: ${urlOf({ port }, base)}`] : []), `Content-Length: ${sdp.length}`], sdp),
      },
    })
    const asked = server.requests.find(({ method }) => method === 'SETUP')?.url
    expect(asked).toBe(expected.startsWith('rtsp') ? expected : urlOf(server, expected))
  })

  it('is asked with its query, without user and password, and with the name of the session', async () => {
    const { server } = await expectPlays({}, '/cam?channel=1&subtype=0')
    expect(server.requests.map(({ method, url }) => `${method} ${url.replace(/^.*:\d+/, '')}`).slice(0, 4)).toEqual([
      'OPTIONS /cam?channel=1&subtype=0',
      'DESCRIBE /cam?channel=1&subtype=0',
      'SETUP /cam?channel=1&subtype=0/trackID=1',
      'PLAY /cam?channel=1&subtype=0',
    ])
    expect(server.requests.find(({ method }) => method === 'PLAY')?.headers.get('session')).toBe('12')
    await until(() => server.methods().includes('TEARDOWN'), 'the server was told farewell')
    expect(server.requests.every(({ headers }) => !headers.has('authorization'))).toBe(true)
  })

  it('may send media before it has answered PLAY, and on channels of its own choice', async () => {
    await expectPlays({
      answers: {
        SETUP: ({ reply }) => reply('200 OK', ['Transport: RTP/AVP/TCP;unicast;interleaved=4-5', 'Session: 7']),
        PLAY(context) {
          play(context, 4)
          setTimeout(() => context.reply('200 OK'), 300)
        },
      },
      onPlay() {},
    })
  })

  it('may redirect to another one, which does not get the credentials of the first unless it is the same host', async () => {
    const asked = {
      DESCRIBE: ({ reply, request }: ScriptContext) => {
        const header = ['WWW-Authenticate: Basic realm="x"']
        if (request.headers.has('authorization')) reply('404 Not Found')
        else reply('401 Unauthorized', header)
      },
    }
    const target = await serve({ answers: asked })
    const redirect = (host: string) =>
      serve({ answers: { DESCRIBE: ({ reply }) => reply('302 Moved', [`Location: rtsp://${host}:${target.port}/new`]) } })
    const same = await redirect('127.0.0.1')
    const read = await readFrames(ffmpegSource({ input: `rtsp://admin:s3cret@127.0.0.1:${same.port}/cam` }))
    expect(read.error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE' })
    expect(target.requests.at(-1)?.headers.get('authorization')).toMatch(/^Basic /)
    target.requests.length = 0
    const foreign = await redirect('localhost')
    const refused = await readFrames(ffmpegSource({ input: `rtsp://admin:s3cret@127.0.0.1:${foreign.port}/cam` }))
    expect(refused.error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
    expect(target.requests.map(({ headers }) => headers.get('authorization'))).toEqual([undefined, undefined])
  })

  it('is shown that somebody is there, by the method that it knows', async () => {
    let worn = false
    const { server } = await expectPlays({
      answers: {
        OPTIONS: ({ reply }) => reply('200 OK', ['Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']),
        SETUP: ({ reply, request }) =>
          reply('200 OK', [`Transport: ${request.headers.get('transport')}`, 'Session: 9;timeout=2']),
        GET_PARAMETER({ reply }) {
          worn = true
          reply('200 OK')
        },
      },
      onPlay: (context) => {
        // The pictures come once the sign of life has.
        const timer = setInterval(() => {
          if (!worn) return
          clearInterval(timer)
          play(context)
        }, 20)
        context.socket.on('close', () => clearInterval(timer))
      },
    })
    expect(server.requests.find(({ method }) => method === 'GET_PARAMETER')?.headers.get('session')).toBe('9')
  })

  it('that tells its clock by sender reports dates the pictures', async () => {
    const lateMs = 300
    const { read } = await expectPlays(
      {
        onPlay(context) {
          context.send(1, senderReport({ time: Date.now() - lateMs, timestamp: 0 }))
          play(context)
        },
      },
      '/cam',
      { clock: 'sender' },
    )
    const now = performance.timeOrigin + performance.now()
    const last = read.frames.at(-1)?.captureTime ?? 0
    expect(now - last).toBeGreaterThan(lateMs * 0.9)
    for (const [index, { captureTime }] of read.frames.entries())
      expect(captureTime - (read.frames[0]?.captureTime ?? 0)).toBeCloseTo(index * 40, 0)
  })

  it('that puts garbage between its packets costs the packets that it hides, not the stream', async () => {
    const server = await serve({
      onPlay(context) {
        let sent = 0
        play({
          ...context,
          send(channel, packet) {
            if (sent++ % 11 === 10 && context.socket.writable) context.socket.write('\0\0lorem ipsum$\x01dolor \r\n')
            context.send(channel, packet)
          },
        })
      },
    })
    const read = await readFrames(ffmpegSource({ input: urlOf(server) }), { max: 20 })
    expect(read.error).toBeUndefined()
    expect(await decodeChunks(read.frames)).toEqual({ pictures: 20, complaints: '' })
  })

  it('over TLS is read where its certificate is trusted only', async () => {
    const server = await serve({ tls: selfSigned, onPlay: play })
    const { error } = await readFrames(ffmpegSource({ input: `rtsps://127.0.0.1:${server.port}/cam` }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    expect((error as Error).message).toContain('NODE_EXTRA_CA_CERTS')
    expect(server.requests).toHaveLength(0)
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const trusting = await readFrames(ffmpegSource({ input: `rtsps://127.0.0.1:${server.port}/cam`, rtspTransport: 'udp' }), {
      max: 12,
    })
    expect(trusting.frames).toHaveLength(12)
    expect(await decodeChunks(trusting.frames)).toEqual({ pictures: 12, complaints: '' })
    expect(server.requests.find(({ method }) => method === 'SETUP')?.headers.get('transport')).toContain('TCP')
  })
})

describe('an RTSP server that fails', () => {
  it.each([
    [404, 'SNAPMINT_SOURCE_UNAVAILABLE', undefined],
    [403, 'SNAPMINT_SOURCE_UNAUTHORIZED', 30_000],
    [503, 'SNAPMINT_SOURCE_UNAVAILABLE', undefined],
  ])('with %d is named', async (status, code, retryAfterMs) => {
    const answers = { DESCRIBE: ({ reply }: ScriptContext) => reply(`${status} No`) }
    await expectFails({ answers }, { code, retryAfterMs }, new RegExp(`answered DESCRIBE with ${status} No`))
  })

  it('to keep its nonce apart from wrong credentials is asked three times at most', async () => {
    const answers = {
      DESCRIBE: ({ reply }: ScriptContext) =>
        reply('401 Unauthorized', [`WWW-Authenticate: Digest realm="x", nonce="${Math.random()}", stale=true`]),
    }
    const server = await serve({ answers })
    const { error } = await readFrames(ffmpegSource({ input: `rtsp://a:b@127.0.0.1:${server.port}/` }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
    expect(server.methods()).toEqual(['OPTIONS', 'DESCRIBE', 'DESCRIBE', 'DESCRIBE'])
  })

  it('to offer a way that is supported is named', async () => {
    const answers = { SETUP: ({ reply }: ScriptContext) => reply('461 Unsupported Transport') }
    const server = await expectFails({ answers }, { code: 'SNAPMINT_SOURCE_UNAVAILABLE' }, /answered SETUP with 461/)
    expect(server.methods().filter((method) => method === 'SETUP')).toHaveLength(2)
  })

  it('to stop redirecting is left', async () => {
    const answers = {
      DESCRIBE: ({ reply, port }: ScriptContext) => reply('301 Moved', [`Location: ${urlOf({ port })}`]),
    }
    const server = await expectFails({ answers }, { code: 'SNAPMINT_SOURCE_UNAVAILABLE' }, /redirects more than 5 times/)
    expect(server.connections()).toBe(6)
  })

  it.each([
    ['accepts and says nothing', () => {}, 'SNAPMINT_SOURCE_UNAVAILABLE', /did not answer OPTIONS within 300 ms/],
    [
      'speaks HTTP',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'SNAPMINT_SOURCE_UNREADABLE',
      /something else than RTSP/,
    ],
    ['hangs up', (socket) => socket.end(), 'SNAPMINT_SOURCE_UNAVAILABLE', /closed the connection/],
    [
      'sends an endless head',
      flood('RTSP/1.0 200 OK\r\n', `X: ${'y'.repeat(1000)}\r\n`),
      'SNAPMINT_SOURCE_UNREADABLE',
      /head of more than/,
    ],
    [
      'announces an endless body',
      (socket) => socket.write('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 99999999999\r\n\r\n'),
      'SNAPMINT_SOURCE_UNREADABLE',
      /body of more than/,
    ],
    [
      'answers with noise',
      flood('RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n', '\x01\x02\x03'.repeat(999)),
      'SNAPMINT_SOURCE_UNREADABLE',
      /something else than RTSP/,
    ],
  ] as [string, NonNullable<ScriptOptions['onConnection']>, string, RegExp][])(
    'and %s is given up',
    async (_what, onConnection, code, said) => {
      await expectFails({ onConnection }, { code }, said, 300)
    },
  )

  it('to send anything after PLAY is given up after the time that was asked for', async () => {
    await expectFails({}, { code: 'SNAPMINT_SOURCE_UNAVAILABLE' }, /sent no media for 300 ms/, 300)
  })

  it('to have video is named', async () => {
    const sdp = 'v=0\r\ns=x\r\nm=audio 0 RTP/AVP 0\r\n'
    await expectFails({ sdp }, { code: 'SNAPMINT_SOURCE_UNREADABLE' }, /offers no video/)
  })

  it('to exist is named', async () => {
    const { error } = await readFrames(ffmpegSource({ input: 'rtsp://admin:s3cret@127.0.0.1:9/x' }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true, retryAfterMs: undefined })
    expect((error as Error).message).not.toMatch(/s3cret|admin/)
  })

  it('to be addressed rightly is named, and is not tried again', async () => {
    const { error } = await readFrames(ffmpegSource({ input: 'rtsp://admin:pass/word@127.0.0.1/x' }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: false })
    expect((error as Error).message).toMatch(/^Input "rtsp:.*": this is no RTSP URL; write .* as %XX$/)
  })

  it('to let go in time does not hold up the end of a run', async () => {
    const server = await serve({ answers: { TEARDOWN() {} } })
    const abort = new AbortController()
    const now = () => performance.timeOrigin + performance.now()
    const run = ffmpegSource({ input: urlOf(server) }).frames({
      signal: abort.signal,
      now,
      allocate: (size) => new Uint8Array(size),
    })
    const reading = run[Symbol.asyncIterator]().next()
    await until(() => server.methods().includes('PLAY'), 'the server was asked to play')
    abort.abort()
    expect(await reading).toEqual({ done: true, value: undefined })
    await until(() => server.methods().includes('TEARDOWN'), 'the server was told farewell')
  })
})

/** Writes `text` as often as it is read. */
function flood(start: string, text: string): NonNullable<ScriptOptions['onConnection']> {
  return (socket) => {
    socket.write(start)
    const more = () => {
      while (socket.writable && socket.write(text));
    }
    socket.on('drain', more)
    more()
  }
}
