import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { ffmpegSource } from '../../src/index.js'
import { multipartHead, partOf, pushParts, type startRawServer } from '../fixtures/camera-server.js'
import { cleanUps, expectFailure, expectPictures, jpeg, noFfmpeg, openCamera, serve, serveRaw } from '../fixtures/http-camera.js'
import { readFrames } from '../fixtures/read-frames.js'
import { selfSigned } from '../fixtures/self-signed.js'
import { tinyJpeg } from '../fixtures/tiny-jpeg.js'

describe('an HTTP camera that pushes JPEG', () => {
  it('is played as it comes, byte for byte, without FFmpeg', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
      pushParts(response, () => partOf(jpeg))
    })
    expectPictures(await readFrames(openCamera(port), { max: 10 }), 10)
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
    expectPictures(await readFrames(openCamera(port), { max: 3 }), 3)
  })

  it('is played whatever the pieces that it comes in', async () => {
    const { port } = await serveRaw((socket) => {
      const all = Buffer.concat([Buffer.from(multipartHead), ...Array(5).fill(partOf(jpeg))])
      socket.setNoDelay(true)
      pushParts(socket, (index) => all.subarray(index * 997, (index + 1) * 997), 1)
    })
    expectPictures(await readFrames(openCamera(port), { max: 5 }), 5)
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
    const read = await readFrames(openCamera(port))
    expect(read.frames).toHaveLength(3)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_ENDED', retryable: true }, 'after 3 pictures')
  })

  it('gets Huffman tables where it sends none', async () => {
    const bare = tinyJpeg({ tables: false })
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => partOf(bare))
    })
    const { frames } = await readFrames(openCamera(port), { max: 2 })
    expect(frames[1]?.data.length).toBe(bare.length + 420)
    expect(Buffer.from(frames[1]!.data).includes(Buffer.from([0xff, 0xc4, 0x01, 0xa2]))).toBe(true)
  })

  it('is thinned out to the rate that was asked for, without being encoded anew', async () => {
    const { port } = await serveRaw((socket) => {
      socket.write(multipartHead)
      pushParts(socket, () => partOf(jpeg), 10)
    })
    const read = await readFrames(openCamera(port, { encode: 'auto', frameRate: 20 }), { max: 6 })
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
    expectFailure(await readFrames(openCamera(port)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
    const raw = await serveRaw((socket) => socket.end('RTSP/1.0 200 OK\r\n\r\n'))
    expectFailure(await readFrames(openCamera(raw.port)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
    const png = await serveRaw((socket) => {
      socket.write(`${multipartHead}--frame\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\n\x89PNG\r\n`)
    })
    expectFailure(await readFrames(openCamera(png.port)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
    const { requests, port: untouched } = await serveRaw((socket) => socket.end())
    const options = { inputOptions: ['-headers', 'X-Key: tok-1234'] }
    expectFailure(await readFrames(openCamera(untouched, options)), { code: 'SNAPMINT_MISSING_DEPENDENCY' })
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
