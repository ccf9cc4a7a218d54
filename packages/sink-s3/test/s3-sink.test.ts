import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { S3 } from '@aws-sdk/client-s3'
import { SnapmintError } from '@snapmint/core/adapter'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { S3LikeClient } from '../src/s3-client.js'
import { s3Sink } from '../src/s3-sink.js'
import { refusal } from './double/refusal.js'
import { accessKeyId, createS3Double, type S3Double, secretAccessKey } from './double/s3-double.js'
import { doubleCredentials, doubleSink } from './fixtures/double-sink.js'
import { contextOf, makeBytes, makePicture } from './fixtures/make-picture.js'

let double: S3Double

beforeEach(async () => {
  double = await createS3Double()
})

afterEach(() => double.close())

const media = makePicture(1)
const path = `pictures/easel/${media.captureTime}.jpg`

/** The error of a put that must fail. */
async function failureOf(putting: Promise<unknown>): Promise<SnapmintError> {
  const thrown = await putting.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!SnapmintError.isInstance(thrown)) throw new Error(`No SnapmintError but ${inspect(thrown)}`)
  return thrown
}

describe('s3Sink', () => {
  it('sends a picture in one request, in one piece, with its checksum, type and metadata', async () => {
    const sink = doubleSink(double, { cacheControl: 'public, max-age=60', metadata: { camera: 'north' } })
    await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: `s3://${path}` })
    expect(double.requests).toMatchObject([{ operation: 'PutObject', chunked: false }])
    expect(double.requests[0]!.headers).toMatchObject({
      'content-length': '3000',
      'x-amz-checksum-crc32': expect.any(String),
      'x-amz-content-sha256': media.sha256,
    })
    expect(double.objects.get(path)!.headers).toEqual({
      'content-type': 'image/jpeg',
      'cache-control': 'public, max-age=60',
      'x-amz-meta-camera': 'north',
      'x-amz-meta-capture-time': String(media.captureTime),
      'x-amz-meta-sha256': media.sha256,
      'x-amz-meta-source': 'easel',
      'x-amz-meta-job-ids': 'job-1',
      'x-amz-meta-job-count': '1',
    })
    await sink.close?.()
  })

  it('sends no checksum header where the store wants none', async () => {
    const sink = doubleSink(double, { checksums: 'when_required' })
    await sink.put(media, contextOf(media))
    expect(Object.keys(double.requests[0]!.headers).filter((name) => /checksum/.test(name))).toEqual([])
    await sink.close?.()
  })

  it('stores bytes that lie in shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3000))
    shared.set(media.data)
    const sink = doubleSink(double)
    await sink.put({ ...media, data: shared as unknown as Uint8Array<ArrayBuffer> }, contextOf(media))
    expect(Buffer.compare(double.objects.get(path)!.data, media.data)).toBe(0)
    await sink.close?.()
  })

  it('stores what it was given, though the bytes change while they are sent', async () => {
    const data = makeBytes(1_000_000, 5)
    const sink = doubleSink(double)
    const putting = sink.put(makePicture(1, { data }), contextOf(media))
    const original = data.slice()
    data.fill(0)
    await putting
    expect(Buffer.compare(double.objects.get(path)!.data, original)).toBe(0)
    await sink.close?.()
  })

  it('refuses a picture of no bytes, for good, and asks nobody', async () => {
    const sink = doubleSink(double)
    const empty = makePicture(1, { data: new Uint8Array(0) })
    expect(await failureOf(sink.put(empty, contextOf(empty)))).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: false })
    expect(double.requests).toEqual([])
    await sink.close?.()
  })

  it('takes keys of 1024 bytes of any script, and refuses longer ones', async () => {
    const sink = doubleSink(double)
    const key = `${'画'.repeat(340)}.jpg`
    const { uri } = await sink.put(media, contextOf(media, { key }))
    expect(double.objects.has(`pictures/${key}`)).toBe(true)
    expect(uri).toBe(`s3://pictures/${key}`)
    expect(await failureOf(sink.put(media, contextOf(media, { key: `x${key}` })))).toMatchObject({
      code: 'SNAPMINT_SINK_KEY_INVALID',
      retryable: false,
    })
    await sink.close?.()
  })

  it('asks once: retrying is up to core', async () => {
    double.setFault(() => refusal(503, 'SlowDown', 'Please reduce your request rate.', { headers: { 'retry-after': '3' } }))
    const sink = doubleSink(double)
    expect(await failureOf(sink.put(media, contextOf(media)))).toMatchObject({ retryable: true, retryAfterMs: 3000 })
    expect(double.requests).toHaveLength(1)
    await sink.close?.()
  })

  it('names the right region, and follows no redirect', async () => {
    const sink = doubleSink(double, { region: 'eu-west-1' })
    expect((await failureOf(sink.put(media, contextOf(media)))).message).toContain("set `region: 'us-east-1'`")
    double.setFault(() =>
      refusal(301, 'PermanentRedirect', 'Use the endpoint', { fields: { Endpoint: 'pictures.s3.eu-north-1.amazonaws.com' } }),
    )
    const error = await failureOf(doubleSink(double).put(media, contextOf(media)))
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: false })
    expect(double.requests).toHaveLength(2)
    await sink.close?.()
  })

  it('allows at the next try for a clock that differs', async () => {
    await double.close()
    double = await createS3Double({ now: () => Date.now() + 3_600_000 })
    const sink = doubleSink(double)
    expect(await failureOf(sink.put(media, contextOf(media)))).toMatchObject({
      retryable: true,
      message: expect.stringContaining("this machine's clock differs"),
    })
    await sink.put(media, contextOf(media))
    expect(double.objects.has(path)).toBe(true)
    await sink.close?.()
  })

  it('shows no secret in what it throws, whatever the store echoes', async () => {
    const credentials = { accessKeyId, secretAccessKey: 'WRONG+SECRET', sessionToken: 'SESSION+TOKEN' }
    const sink = doubleSink(double, { credentials })
    const wrong = await failureOf(sink.put(media, contextOf(media)))
    double.setFault(() =>
      refusal(400, 'ExpiredToken', 'The provided token has expired.', { fields: { 'Token-0': 'SESSION+TOKEN' } }),
    )
    const ended = await failureOf(sink.put(media, contextOf(media)))
    for (const error of [wrong, ended]) {
      expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN', retryable: false })
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/WRONG\+SECRET|SESSION\+TOKEN|AWS4-HMAC/)
    }
    await sink.close?.()
  })

  it('answers a presigned URL that reads the picture until it ends', async () => {
    const sink = doubleSink(double, { uri: 'presigned', presignedExpirySeconds: 60 })
    const { uri } = await sink.put(media, contextOf(media, { key: 'Süd/a b#1.jpg' }))
    expect(uri).toContain('X-Amz-Expires=60')
    const answer = await fetch(uri)
    expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), media.data)).toBe(0)
    expect((await fetch(uri.replace('Expires=60', 'Expires=600'))).status).toBe(403)
    await sink.close?.()
  })

  it('gets credentials anew that have ended, its own client as well as a given one', async () => {
    for (const isGiven of [false, true]) {
      let given = 0
      const credentials = async () => ({ accessKeyId, secretAccessKey, sessionToken: `token-${++given}` })
      const { endpoint, region } = double
      const client = isGiven ? new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 }) : undefined
      const sink = s3Sink({
        bucket: 'pictures',
        ...(client === undefined ? { endpoint, region, forcePathStyle: true, credentials } : { client }),
      })
      double.setFault(({ headers }) =>
        headers['x-amz-security-token'] === 'token-1'
          ? refusal(400, 'ExpiredToken', 'The provided token has expired.')
          : undefined,
      )
      await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
      await sink.put(media, contextOf(media))
      expect(given).toBe(2)
      await sink.close?.()
      client?.destroy()
    }
  })

  it('asks for credentials when they are needed, and reports that there are none', async () => {
    let asked = 0
    const sink = doubleSink(double, {
      credentials: async () => {
        asked += 1
        return doubleCredentials
      },
    })
    expect(asked).toBe(0)
    await sink.put(media, contextOf(media))
    expect(asked).toBeGreaterThan(0)
    await sink.close?.()
    let isAway = true
    const failing = doubleSink(double, {
      credentials: async () => {
        if (isAway) throw Object.assign(new Error('no vault'), { name: 'CredentialsProviderError' })
        return doubleCredentials
      },
    })
    expect(await failureOf(failing.put(media, contextOf(media)))).toMatchObject({
      code: 'SNAPMINT_SINK_FORBIDDEN',
      retryable: true,
    })
    isAway = false
    await failing.put(media, contextOf(media))
    await failing.close?.()
  })

  it('ends a put that takes too long, closes its connection, and says so', async () => {
    double.setFault(() => 'hang')
    const sink = doubleSink(double, { timeoutMs: 30 })
    expect(await failureOf(sink.put(media, contextOf(media)))).toMatchObject({
      code: 'SNAPMINT_SINK_TIMEOUT',
      retryable: true,
      message: expect.stringContaining('within 30 ms'),
    })
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
    await sink.close?.()
  })

  it("rejects with the signal's reason at once, also when the client does not heed the abort", async () => {
    const reason = new Error('enough')
    const never = () => new Promise<never>(() => {})
    const deaf = { putObject: never } as unknown as S3LikeClient
    for (const sink of [s3Sink({ bucket: 'pictures', client: deaf }), doubleSink(double, { credentials: never })]) {
      const controller = new AbortController()
      const putting = sink.put(media, contextOf(media, { signal: controller.signal }))
      await new Promise(setImmediate)
      controller.abort(reason)
      await expect(putting).rejects.toBe(reason)
      await sink.close?.()
    }
  })

  it('works with the client of the SDK that it is given, and leaves it open', async () => {
    const client = new S3({
      endpoint: double.endpoint,
      region: double.region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    })
    let destroyed = 0
    const destroy = client.destroy.bind(client)
    client.destroy = () => {
      destroyed += 1
    }
    const sink = s3Sink({ bucket: 'pictures', client, uri: 'presigned' })
    const { uri } = await sink.put(media, contextOf(media))
    await sink.close?.()
    expect(destroyed).toBe(0)
    expect((await fetch(uri)).status).toBe(200)
    destroy()
  })

  it('does not believe a web server that says 200 to everything', async () => {
    const server = http.createServer(
      (request, response) => void request.resume().on('end', () => response.end('<html>Welcome</html>')),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const sink = doubleSink(double, { endpoint: `http://127.0.0.1:${port}` })
    expect((await failureOf(sink.put(media, contextOf(media)))).message).toContain('is no S3 store')
    await sink.close?.()
    server.close()
  })

  it('says that nobody answers, by whatever name', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const sink = doubleSink(double, { endpoint: `http://${host}:1` })
      const error = await failureOf(sink.put(media, contextOf(media)))
      expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
      expect(error.message).toMatch(/nobody answers there.*ECONNREFUSED/)
      await sink.close?.()
    }
  })

  it('sends many parts at the same time without a warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => void (/AWS SDK/.test(warning.message) || warnings.push(warning))
    process.on('warning', note)
    const sink = doubleSink(double, { multipart: { thresholdBytes: 5 * 2 ** 20, partBytes: 5 * 2 ** 20, maxInFlight: 20 } })
    const big = makePicture(2, { data: new Uint8Array(100 * 2 ** 20) })
    await sink.put(big, contextOf(big))
    expect(double.counts).toMatchObject({ parts: 20, completed: 1 })
    await new Promise(setImmediate)
    process.off('warning', note)
    expect(warnings).toEqual([])
    await sink.close?.()
  })

  it('closes the connections of its own client', async () => {
    const sink = doubleSink(double)
    await sink.put(media, contextOf(media))
    expect(double.sockets.size).toBe(1)
    await sink.close?.()
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
    await sink.close?.()
  })

  it('opens nothing and asks nobody before the first put', async () => {
    const sink = doubleSink(double, { credentials: () => Promise.reject(new Error('asked')) })
    await sink.close?.()
    expect(double.requests).toEqual([])
  })
})
