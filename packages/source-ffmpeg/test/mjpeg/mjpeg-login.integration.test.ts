import { describe, expect, it } from 'vitest'
import { digestCamera, partOf, pushParts } from '../fixtures/camera-server.js'
import { expectFailure, expectPictures, jpeg, openCamera, serve, serveRaw } from '../fixtures/http-camera.js'
import { readFrames } from '../fixtures/read-frames.js'

describe('logging in', () => {
  const camera: Parameters<typeof digestCamera>[1] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
    pushParts(response, () => partOf(jpeg))
  }

  it.each(['MD5', 'SHA-256'] as const)('answers a Digest challenge with %s', async (algorithm) => {
    const { port } = await serve(digestCamera({ username: 'admin', password: 's3:cret@', algorithm }, camera))
    expectPictures(await readFrames(openCamera(port, {}, 'admin:s3:cret%40@'), { max: 2 }), 2)
  })

  it('answers a Basic challenge, and sends nothing before it is asked', async () => {
    const seen: (string | undefined)[] = []
    const { port } = await serve((request, response) => {
      seen.push(request.headers.authorization)
      if (request.headers.authorization === `Basic ${btoa('admin:s3cret')}`) camera(request, response)
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end()
    })
    expectPictures(await readFrames(openCamera(port, {}, 'admin:s3cret@'), { max: 2 }), 2)
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
    expectPictures(await readFrames(openCamera(port, {}, 'admin:s3cret@'), { max: 1 }), 1)
  })

  it('gives up after one refusal, and asks for half a minute of patience', async () => {
    let requests = 0
    const { port } = await serve((request, response) => {
      requests += 1
      digestCamera({ username: 'admin', password: 'other', algorithm: 'MD5' }, camera)(request, response)
    })
    expectFailure(await readFrames(openCamera(port, {}, 'admin:s3cret@')), {
      code: 'SNAPMINT_SOURCE_UNAUTHORIZED',
      retryable: true,
      retryAfterMs: 30_000,
    })
    expect(requests).toBe(2)
    expectFailure(
      await readFrames(openCamera(port)),
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
    expectFailure(await readFrames(openCamera(port, {}, 'admin:s3cret@')), { code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
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
    expectPictures(await readFrames(openCamera(port, {}, 'admin:s3cret@'), { max: 1 }), 1)
  })

  it.each([
    ['in a circle', '/video', 'more than 5 times'],
    ['to a file', 'file:///etc/passwd', 'not followed'],
    ['to nowhere', 'http://[', 'makes no sense'],
  ])('are refused %s', async (_name, location, words) => {
    const { port } = await serve((_request, response) => response.writeHead(307, { location }).end())
    expectFailure(await readFrames(openCamera(port)), { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true }, words)
  })
})
