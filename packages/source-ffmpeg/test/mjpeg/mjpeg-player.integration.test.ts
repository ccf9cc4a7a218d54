import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { FfmpegSourceOptions } from '../../src/ffmpeg-source-options.js'
import { ffmpegSource } from '../../src/index.js'
import { digestCamera, multipartHead, partOf, pushParts, type RawServer, startRawServer } from '../fixtures/camera-server.js'
import { startHttpServer, type TestServer } from '../fixtures/mjpeg-server.js'
import { until } from '../fixtures/processes.js'
import { createContext, gapsOf, type Read, readFrames } from '../fixtures/read-frames.js'
import { selfSigned } from '../fixtures/self-signed.js'
import { tinyJpeg } from '../fixtures/tiny-jpeg.js'

const jpeg = tinyJpeg({ width: 320, height: 180, scanBytes: 3000 })
const secrets = /s3cret|tok-1234|admin/
const cleanUps: (() => Promise<unknown>)[] = []
/** No test may start FFmpeg behind our back. */
const noFfmpeg = { ffmpegPath: '/nowhere/ffmpeg' }

afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

async function serve(...args: Parameters<typeof startHttpServer>): Promise<TestServer> {
  const server = await startHttpServer(...args)
  cleanUps.push(server.close)
  return server
}

async function serveRaw(...args: Parameters<typeof startRawServer>): Promise<RawServer> {
  const server = await startRawServer(...args)
  cleanUps.push(server.close)
  return server
}

const source = (port: number, options: Partial<FfmpegSourceOptions> = {}, credentials = '') =>
  ffmpegSource({ input: `http://${credentials}127.0.0.1:${port}/video?token=tok-1234`, ...noFfmpeg, ...options })

function expectPictures({ frames, aheadMs, error }: Read, count: number): void {
  expect(error).toBeUndefined()
  expect(frames).toHaveLength(count)
  for (const frame of frames) {
    expect(frame).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 320, codedHeight: 180 })
    expect(Buffer.from(frame.data).equals(jpeg)).toBe(true)
  }
  for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0)
  expect(Math.max(...aheadMs)).toBeLessThanOrEqual(0)
}

function expectFailure({ error }: Read, expected: Record<string, unknown>, words?: string): void {
  expect(error).toMatchObject({ name: 'SnapmintError', adapter: 'ffmpeg', ...expected })
  expect(JSON.stringify(error) + String((error as Error).stack)).not.toMatch(secrets)
  if (words !== undefined) expect((error as Error).message).toContain(words)
}

describe('an HTTP camera that pushes JPEG', () => {
  it('is played as it comes, byte for byte, without FFmpeg', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
      pushParts(response, () => partOf(jpeg))
    })
    expectPictures(await readFrames(source(port), { max: 10 }), 10)
  })

  it.each([
    ['that ends lines by mere line feeds', `HTTP/1.0 200 OK\nContent-Type: multipart/x-mixed-replace;boundary=frame\n\n`],
    [
      'of HTTP/1.0, with quotes around the boundary',
      `HTTP/1.0 200 OK\r\nServer: x\r\nContent-Type: multipart/x-mixed-replace; boundary="--frame"\r\n\r\n`,
    ],
    ['that says Continue first', `HTTP/1.1 100 Continue\r\n\r\n${multipartHead}`],
    ['of multipart/mixed', 'HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed;boundary=frame\r\n\r\n'],
    ['that states a size for all of its stream', multipartHead.replace('\r\n\r\n', '\r\nContent-Length: 999999999\r\n\r\n')],
  ])('is played from a server %s', async (_name, head) => {
    const { port } = await serveRaw((socket) => {
      socket.write(head)
      pushParts(socket, () => partOf(jpeg))
    })
    expectPictures(await readFrames(source(port), { max: 3 }), 3)
  })

  it('is played whatever the pieces that it comes in', async () => {
    const { port } = await serveRaw((socket) => {
      const all = Buffer.concat([Buffer.from(multipartHead), ...Array(5).fill(partOf(jpeg))])
      socket.setNoDelay(true)
      pushParts(socket, (index) => all.subarray(index * 997, (index + 1) * 997), 1)
    })
    expectPictures(await readFrames(source(port), { max: 5 }), 5)
  })

  it('is played in chunks, in the transfer coding, that have nothing to do with its pictures', async () => {
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'))
      const all = Buffer.concat([partOf(jpeg), partOf(jpeg), partOf(jpeg)])
      for (let at = 0; at < all.length; at += 700) {
        const piece = all.subarray(at, at + 700)
        socket.write(Buffer.concat([Buffer.from(`${piece.length.toString(16)};x=y\r\n`), piece, Buffer.from('\r\n')]))
      }
      socket.end('0\r\n\r\n')
    })
    const read = await readFrames(source(port))
    expect(read.frames).toHaveLength(3)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_ENDED', retryable: true }, 'after 3 pictures')
  })

  it('gets Huffman tables where it sends none', async () => {
    const bare = tinyJpeg({ tables: false })
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => partOf(bare))
    })
    const { frames } = await readFrames(source(port), { max: 2 })
    expect(frames[1]?.data.length).toBe(bare.length + 420)
    expect(Buffer.from(frames[1]!.data).includes(Buffer.from([0xff, 0xc4, 0x01, 0xa2]))).toBe(true)
  })

  it('is thinned out to the rate that was asked for, without being encoded anew', async () => {
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => partOf(jpeg), 10)
    })
    const read = await readFrames(source(port, { encode: 'auto', frameRate: 20 }), { max: 6 })
    expectPictures(read, 6)
    // Five intervals of 50 ms, the last one up to a quarter early.
    expect(read.frames[5]!.captureTime - read.frames[0]!.captureTime).toBeGreaterThan(237)
  })

  it('is found at an address of IPv6', async () => {
    const camera: Parameters<typeof startRawServer>[0] = (socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => partOf(jpeg))
    }
    const server = await serveRaw(camera, { host: '::1' }).catch(() => undefined)
    const read = await readFrames(ffmpegSource({ input: `http://[::1]:${server?.port ?? 9}/`, ...noFfmpeg }), { max: 2 })
    if (server !== undefined) return expectPictures(read, 2)
    // A machine without IPv6: the system's refusal names the address as it was meant.
    return expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE' }, '::1')
  })

  it('is left to FFmpeg when it is of another kind, or asked for with arguments of FFmpeg', async () => {
    const { port } = await serve((_request, response) => response.writeHead(200, { 'content-type': 'video/mp2t' }).end('x'))
    expectFailure(await readFrames(source(port)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
    const raw = await serveRaw((socket) => socket.end('RTSP/1.0 200 OK\r\n\r\n'))
    expectFailure(await readFrames(source(raw.port)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
    const png = await serveRaw((socket) => {
      socket.write(`${multipartHead}--frame\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\n\x89PNG\r\n`)
    })
    expectFailure(await readFrames(source(png.port)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
    const { requests, port: untouched } = await serveRaw((socket) => socket.end())
    const options = { inputOptions: ['-headers', 'X-Key: tok-1234'] }
    expectFailure(await readFrames(source(untouched, options)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
    expect(requests).toEqual([])
  })
})

describe('an HTTPS camera', () => {
  async function startSecureCamera(): Promise<string> {
    const server = createSecureServer(selfSigned, (_request, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
      pushParts(response, () => partOf(jpeg))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(async () => {
      server.closeAllConnections()
      server.close()
    })
    return `https://admin:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  it('is refused when nobody vouches for its certificate, with a word on what to do', async () => {
    const read = await readFrames(ffmpegSource({ input: await startSecureCamera(), ...noFfmpeg }))
    expectFailure(
      read,
      { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true, retryAfterMs: 30_000 },
      'certificate is not trusted',
    )
  })

  it('is played when its certificate is trusted', async () => {
    // Read at each connection, as NODE_EXTRA_CA_CERTS is not.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const read = await readFrames(ffmpegSource({ input: await startSecureCamera(), ...noFfmpeg }), { max: 5 })
    vi.unstubAllEnvs()
    expectPictures(read, 5)
  })
})

describe('the times of pictures', () => {
  it('are those of their last bytes', async () => {
    let sentAt = 0
    const { port } = await serveRaw((socket) => {
      const part = partOf(jpeg)
      socket.write(multipartHead)
      socket.write(part.subarray(0, -3))
      setTimeout(() => {
        sentAt = performance.timeOrigin + performance.now()
        socket.write(part.subarray(-3))
      }, 50)
    })
    const { frames } = await readFrames(source(port), { max: 1 })
    expect(frames[0]!.captureTime).toBeGreaterThanOrEqual(sentAt)
  })

  it.each([
    ['seconds of the Unix epoch', (ms: number) => `X-Timestamp: ${(ms / 1000).toFixed(6)}\r\n`],
    ['ISO 8601', (ms: number) => `X-Time: ${new Date(ms).toISOString()}\r\n`],
    [
      'RFC 1123 with a fraction',
      (ms: number) => `Date: ${new Date(ms).toUTCString().replace(' GMT', `.${String(ms % 1000).padStart(3, '0')} GMT`)}\r\n`,
    ],
  ])('are those of the camera where it tells them, in %s', async (_name, field) => {
    const told: number[] = []
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => {
        told.push(Date.now() - 120)
        return partOf(jpeg, field(told.at(-1)!))
      })
    })
    const { frames } = await readFrames(source(port), { max: 20 })
    for (const [index, { captureTime }] of frames.entries()) expect(Math.abs(captureTime - told[index]!)).toBeLessThan(2)
  })

  it.each(['X-Timestamp: 0.000000\r\n', 'X-Timestamp: 1795000000\r\n', 'Date: Sat, 21 Nov 2026 10:00:00 GMT\r\n'])(
    'are those of their arrival where the camera only tells %j',
    async (field) => {
      const { port } = await serveRaw((socket) => {
        socket.write(multipartHead)
        pushParts(socket, () => partOf(jpeg, field))
      })
      const { frames, aheadMs } = await readFrames(source(port), { max: 10 })
      expect(frames).toHaveLength(10)
      expect(Math.min(...aheadMs)).toBeGreaterThan(-1000)
      for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0.1)
    },
  )
})

describe('logging in', () => {
  const camera: Parameters<typeof digestCamera>[1] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
    pushParts(response, () => partOf(jpeg))
  }

  it.each(['MD5', 'SHA-256'] as const)('answers a Digest challenge with %s', async (algorithm) => {
    const { port } = await serve(digestCamera({ username: 'admin', password: 's3:cret@', algorithm }, camera))
    expectPictures(await readFrames(source(port, {}, 'admin:s3:cret%40@'), { max: 2 }), 2)
  })

  it('answers a Basic challenge, and sends nothing before it is asked', async () => {
    const seen: (string | undefined)[] = []
    const { port } = await serve((request, response) => {
      seen.push(request.headers.authorization)
      if (request.headers.authorization === `Basic ${btoa('admin:s3cret')}`) camera(request, response)
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end()
    })
    expectPictures(await readFrames(source(port, {}, 'admin:s3cret@'), { max: 2 }), 2)
    expect(seen).toEqual([undefined, `Basic ${btoa('admin:s3cret')}`])
  })

  it('asks once more when only the nonce was too old', async () => {
    let requests = 0
    const { port } = await serve((request, response) => {
      requests += 1
      if (requests === 3) camera(request, response)
      else
        response
          .writeHead(401, { 'www-authenticate': `Digest realm="cam", nonce="${requests}", qop="auth", stale=${requests === 2}` })
          .end()
    })
    expectPictures(await readFrames(source(port, {}, 'admin:s3cret@'), { max: 1 }), 1)
  })

  it('gives up after one refusal, and asks for half a minute of patience', async () => {
    let requests = 0
    const { port } = await serve((request, response) => {
      requests += 1
      digestCamera({ username: 'admin', password: 'other', algorithm: 'MD5' }, camera)(request, response)
    })
    expectFailure(await readFrames(source(port, {}, 'admin:s3cret@')), {
      code: 'SNAPMINT_SOURCE_UNAUTHORIZED',
      retryable: true,
      retryAfterMs: 30_000,
    })
    expect(requests).toBe(2)
    expectFailure(
      await readFrames(source(port)),
      { code: 'SNAPMINT_SOURCE_UNAUTHORIZED', retryAfterMs: 30_000 },
      'wants a user name',
    )
    expect(requests).toBe(3)
  })

  it('gives the credentials to no other host that the camera redirects to', async () => {
    const other = await serveRaw((socket) => socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n'))
    const { port } = await serve((_request, response) =>
      response.writeHead(302, { location: `http://admin:s3cret@127.0.0.1:${other.port}/x` }).end(),
    )
    expectFailure(await readFrames(source(port, {}, 'admin:s3cret@')), { code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
    expect(other.requests).toHaveLength(1)
    expect(other.requests[0]).not.toMatch(/authorization/i)
  })
})

describe('redirects', () => {
  it('are followed, relative ones too, with the credentials on the same host', async () => {
    const { port } = await serve((request, response) => {
      if (request.url?.startsWith('/video')) return response.writeHead(301, { location: '../other?x=1' }).end()
      if (request.headers.authorization === undefined)
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end()
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
      return pushParts(response, () => partOf(jpeg))
    })
    expectPictures(await readFrames(source(port, {}, 'admin:s3cret@'), { max: 1 }), 1)
  })

  it.each([
    ['in a circle', '/video', 'more than 5 times'],
    ['to a file', 'file:///etc/passwd', 'not followed'],
    ['to nowhere', 'http://[', 'makes no sense'],
  ])('are refused %s', async (_name, location, words) => {
    const { port } = await serve((_request, response) => response.writeHead(307, { location }).end())
    expectFailure(await readFrames(source(port)), { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true }, words)
  })
})

describe('faults', () => {
  it.each([
    [400, {}, undefined],
    [404, {}, undefined],
    [500, {}, undefined],
    [503, { 'retry-after': '7' }, 7000],
  ])('reports status %d', async (status, headers, retryAfterMs) => {
    const { port } = await serve((_request, response) => response.writeHead(status, headers).end())
    expectFailure(
      await readFrames(source(port)),
      { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true, retryAfterMs },
      String(status),
    )
  })

  it('leaves a picture that was cut off out, tells of it once, and goes on with the next', async () => {
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, (index) => (index % 3 === 1 ? partOf(jpeg.subarray(0, 1000)) : partOf(jpeg)))
    })
    const read = await readFrames(source(port), { max: 9 })
    expectPictures(read, 9)
    expect(read.notices.filter((notice) => notice.includes('was cut off'))).toHaveLength(1)
    expect(read.notices.join()).not.toMatch(secrets)
  })

  it('reports a web page instead of a stream', async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>'),
    )
    expectFailure(await readFrames(source(port)), { code: 'SNAPMINT_SOURCE_UNREADABLE', retryable: true }, 'web page')
  })

  it('reports a stream that is compressed although it was asked not to be', async () => {
    const { port, requests } = await serveRaw((socket) =>
      socket.write(multipartHead.replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n')),
    )
    expectFailure(await readFrames(source(port)), { code: 'SNAPMINT_SOURCE_UNREADABLE' }, 'gzip')
    expect(requests[0]).toMatch(/accept-encoding: identity\r\n/i)
  })

  it.each([
    ['accepts and says nothing', ''],
    ['says half of a head', 'HTTP/1.1 200 OK\r\nContent-Ty'],
    ['says no more than a head', multipartHead],
  ])('gives up a server that %s', async (_name, words) => {
    const { port, open } = await serveRaw((socket) => socket.write(words))
    expectFailure(
      await readFrames(source(port, { timeoutMs: 200 })),
      { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true },
      'silent for 200 ms',
    )
    await until(() => open() === 0, 'the connection was closed')
  })

  it('gives up a server whose head trickles in', async () => {
    const { port } = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      pushParts(socket, () => 'X: y\r\n', 10)
    })
    expectFailure(await readFrames(source(port, { timeoutMs: 200 })), { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it('gives up a camera that stalls in the middle of a picture', async () => {
    const { port } = await serveRaw((socket) =>
      socket.write(Buffer.concat([Buffer.from(multipartHead), partOf(jpeg), partOf(jpeg).subarray(0, 900)])),
    )
    const read = await readFrames(source(port, { timeoutMs: 200 }))
    expect(read.frames).toHaveLength(1)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true }, 'silent for 200 ms')
  })

  it('takes the end of the stream, or of the connection, for a failure that may pass', async () => {
    for (const end of ['end', 'resetAndDestroy'] as const) {
      const { port } = await serveRaw((socket) => {
        socket.write(Buffer.concat([Buffer.from(multipartHead), partOf(jpeg)]))
        setTimeout(() => socket[end](), 30)
      })
      const read = await readFrames(source(port))
      expect(read.frames).toHaveLength(1)
      expectFailure(read, { code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
    }
  })

  it('plays again in the next run when a server that died is back', async () => {
    const camera: Parameters<typeof startRawServer>[0] = (socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => partOf(jpeg))
    }
    const first = await startRawServer(camera)
    const running = readFrames(source(first.port))
    await until(() => first.open() > 0, 'the source was connected')
    await first.close()
    const dead = await running
    expectFailure(dead, { retryable: true })
    expectFailure(await readFrames(source(first.port)), { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true }, 'ECONNREFUSED')
    await serveRaw(camera, { port: first.port })
    expectPictures(await readFrames(source(first.port), { max: 2 }), 2)
  })

  it('gives up a server that sends on and on without a picture', async () => {
    const rubbish = Buffer.alloc(2 ** 20, 'rubbish\n')
    const { port, open } = await serveRaw((socket) => {
      socket.write(multipartHead)
      const flood = () => {
        while (!socket.destroyed && socket.write(rubbish));
      }
      socket.on('drain', flood)
      flood()
    })
    expectFailure(
      await readFrames(source(port)),
      { code: 'SNAPMINT_SOURCE_UNREADABLE', retryable: true },
      'without a JPEG picture',
    )
    await until(() => open() === 0, 'the connection was closed')
  })

  it('drops the oldest pictures when a flood of them comes, keeps its memory within bounds, and says so', async () => {
    const large = tinyJpeg({ width: 320, height: 180, scanBytes: 200_000 })
    const part = partOf(large)
    const { port, open } = await serveRaw((socket) => {
      socket.write(multipartHead)
      let sent = 0
      const flood = () => {
        while (!socket.destroyed && sent < 1000 && socket.write(part)) sent += 1
        if (sent >= 1000) socket.end()
      }
      socket.on('drain', flood)
      flood()
    })
    const notices: string[] = []
    const context = createContext(new AbortController().signal, { notices })
    const run = source(port, { maxQueueBytes: 2 ** 20 })
      .frames(context)
      [Symbol.asyncIterator]()
    let last = (await run.next()).value.captureTime
    await until(() => open() === 0, 'all of it had come')
    expect(notices.filter((notice) => notice.includes('frames were dropped'))).toHaveLength(1)
    for (let waiting = 0; waiting < Math.floor(2 ** 20 / large.length); waiting++) {
      const { value } = await run.next()
      expect(value.captureTime).toBeGreaterThan(last)
      last = value.captureTime
    }
    await expect(run.next()).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED' })
  })

  it('closes the connection at once when it is told to stop, whatever it waits for', async () => {
    for (const words of ['', multipartHead, `${multipartHead}--frame\r\nContent-Length: 1000\r\n\r\n\xff\xd8`]) {
      const { port, open } = await serveRaw((socket) => socket.write(Buffer.from(words, 'latin1')))
      const controller = new AbortController()
      const run = source(port).frames(createContext(controller.signal))[Symbol.asyncIterator]()
      const pending = run.next()
      await until(() => open() === 1, 'the source was connected')
      controller.abort()
      expect(await pending).toMatchObject({ done: true })
      await until(() => open() === 0, 'the connection was closed')
    }
  })
})

describe('a camera that gives one picture at a time', () => {
  it('is asked again and again, at the rate that was asked for', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg)
    })
    const read = await readFrames(source(port, { encode: 'auto', frameRate: 30 }), { max: 5 })
    expectPictures(read, 5)
    expect(asked).toBe(5)
    for (const gap of gapsOf(read.frames).slice(1)) expect(gap).toBeGreaterThan(5)
  })

  it('logs in once for many pictures, and counts the uses of the nonce', async () => {
    const counts: (string | undefined)[] = []
    const { port } = await serve((request, response) => {
      counts.push(/nc=(\w+)/.exec(request.headers.authorization ?? '')?.[1])
      digestCamera({ username: 'admin', password: 's3cret', algorithm: 'MD5' }, (_request, answer) =>
        answer.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg),
      )(request, response)
    })
    expectPictures(await readFrames(source(port, { encode: 'auto', frameRate: 30 }, 'admin:s3cret@'), { max: 3 }), 3)
    expect(counts).toEqual([undefined, '00000001', '00000002', '00000003'])
  })

  it('fails when it stops answering with pictures', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      if (asked < 3) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg)
      else response.writeHead(503).end()
    })
    const read = await readFrames(source(port, { encode: 'auto', frameRate: 30 }))
    expect(read.frames).toHaveLength(2)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it('has its broken pictures left out', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(asked % 2 === 0 ? jpeg : jpeg.subarray(0, 500))
    })
    const read = await readFrames(source(port, { encode: 'auto', frameRate: 30 }), { max: 3 })
    expectPictures(read, 3)
    expect(read.notices.join()).toContain('was cut off')
  })
})
