import { describe, expect, it } from 'vitest'
import { multipartHead, partOf, pushParts, startRawServer } from '../fixtures/camera-server.js'
import { expectFailure, expectPictures, jpeg, openCamera, secrets, serve, serveRaw } from '../fixtures/http-camera.js'
import { until } from '../fixtures/processes.js'
import { createContext, readFrames } from '../fixtures/read-frames.js'
import { tinyJpeg } from '../fixtures/tiny-jpeg.js'

describe('faults', () => {
  it.each([
    [400, {}, undefined],
    [404, {}, undefined],
    [500, {}, undefined],
    [503, { 'retry-after': '7' }, 7000],
  ])('reports status %d', async (status, headers, retryAfterMs) => {
    const { port } = await serve((_request, response) => response.writeHead(status, headers).end())
    expectFailure(
      await readFrames(openCamera(port)),
      { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true, retryAfterMs },
      String(status),
    )
  })

  it('leaves a picture that was cut off out, tells of it once, and goes on with the next', async () => {
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, (index) => (index % 3 === 1 ? partOf(jpeg.subarray(0, 1000)) : partOf(jpeg)))
    })
    const read = await readFrames(openCamera(port), { max: 9 })
    expectPictures(read, 9)
    expect(read.notices.filter((notice) => notice.includes('was cut off'))).toHaveLength(1)
    expect(read.notices.join()).not.toMatch(secrets)
  })

  it('reports a web page instead of a stream', async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>'),
    )
    expectFailure(await readFrames(openCamera(port)), { code: 'SNAPMINT_SOURCE_UNREADABLE', retryable: true }, 'web page')
  })

  it('reports a stream that is compressed although it was asked not to be', async () => {
    const { port, requests } = await serveRaw((socket) =>
      socket.write(multipartHead.replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n')),
    )
    expectFailure(await readFrames(openCamera(port)), { code: 'SNAPMINT_SOURCE_UNREADABLE' }, 'gzip')
    expect(requests[0]).toMatch(/accept-encoding: identity\r\n/i)
  })

  it.each([
    ['accepts and says nothing', ''],
    ['says half of a head', 'HTTP/1.1 200 OK\r\nContent-Ty'],
    ['says no more than a head', multipartHead],
  ])('gives up a server that %s', async (_name, words) => {
    const { port, open } = await serveRaw((socket) => socket.write(words))
    expectFailure(
      await readFrames(openCamera(port, { timeoutMs: 200 })),
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
    expectFailure(await readFrames(openCamera(port, { timeoutMs: 200 })), {
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
      retryable: true,
    })
  })

  it('gives up a camera that stalls in the middle of a picture', async () => {
    const { port } = await serveRaw((socket) =>
      socket.write(Buffer.concat([Buffer.from(multipartHead), partOf(jpeg), partOf(jpeg).subarray(0, 900)])),
    )
    const read = await readFrames(openCamera(port, { timeoutMs: 200 }))
    expect(read.frames).toHaveLength(1)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true }, 'silent for 200 ms')
  })

  it('takes the end of the stream, or of the connection, for a failure that may pass', async () => {
    for (const end of ['end', 'resetAndDestroy'] as const) {
      const { port } = await serveRaw((socket) => {
        socket.write(Buffer.concat([Buffer.from(multipartHead), partOf(jpeg)]))
        setTimeout(() => socket[end](), 30)
      })
      const read = await readFrames(openCamera(port))
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
    const running = readFrames(openCamera(first.port))
    await until(() => first.open() > 0, 'the source was connected')
    await first.close()
    const dead = await running
    expectFailure(dead, { retryable: true })
    expectFailure(
      await readFrames(openCamera(first.port)),
      { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true },
      'ECONNREFUSED',
    )
    await serveRaw(camera, { port: first.port })
    expectPictures(await readFrames(openCamera(first.port), { max: 2 }), 2)
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
      await readFrames(openCamera(port)),
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
    const run = openCamera(port, { maxQueueBytes: 2 ** 20 })
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
      const run = openCamera(port).frames(createContext(controller.signal))[Symbol.asyncIterator]()
      const pending = run.next()
      await until(() => open() === 1, 'the source was connected')
      controller.abort()
      expect(await pending).toMatchObject({ done: true })
      await until(() => open() === 0, 'the connection was closed')
    }
  })
})
