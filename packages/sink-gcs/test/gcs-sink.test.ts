import { generateKeyPairSync } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { Storage } from '@google-cloud/storage'
import { SnapmintError } from '@snapmint/core/adapter'
import { deleteApp, initializeApp } from 'firebase-admin/app'
import { getStorage } from 'firebase-admin/storage'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { GcsBucketLike, GcsStorageLike } from '../src/gcs-client.js'
import { gcsSink } from '../src/gcs-sink.js'
import { createGcsDouble, type GcsDouble } from './double/gcs-double.js'
import { md5Base64 } from './double/object-store.js'
import { refusal } from './double/refusal.js'
import { doubleSink } from './fixtures/double-sink.js'
import { contextOf, makeBytes, makePicture } from './fixtures/make-picture.js'

let double: GcsDouble

beforeEach(async () => {
  double = await createGcsDouble()
})

afterEach(() => double.close())

const media = makePicture(1)
const path = `pictures/easel/${media.captureTime}.jpg`
const chunkBytes = 256 * 1024
const operations = () => double.requests.map(({ operation }) => operation)

/** The error of a put that must fail. */
async function failureOf(putting: Promise<unknown>): Promise<SnapmintError> {
  const thrown = await putting.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!SnapmintError.isInstance(thrown)) throw new Error(`No SnapmintError but ${inspect(thrown)}`)
  return thrown
}

describe('gcsSink', () => {
  it('sends a picture in one request, with its hash, type and metadata', async () => {
    const sink = doubleSink(double, { cacheControl: 'public, max-age=60', metadata: { camera: 'north' } })
    await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: `gs://${path}` })
    expect(operations()).toEqual(['upload'])
    expect(double.objects.get(path)).toMatchObject({
      metadata: {
        contentType: 'image/jpeg',
        cacheControl: 'public, max-age=60',
        md5Hash: md5Base64(media.data),
        metadata: {
          camera: 'north',
          captureTime: String(media.captureTime),
          sha256: media.sha256,
          source: 'easel',
          jobIds: 'job-1',
          jobCount: '1',
        },
      },
    })
    expect(Buffer.compare(double.objects.get(path)!.data, media.data)).toBe(0)
  })

  it('gives the names of the original', async () => {
    const sink = doubleSink(double, { template: 'frames/{contract}/{seconds}.jpg', constants: { contract: '0xAB' } })
    await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: 'gs://pictures/frames/0xAB/1763690400.jpg' })
    expect([...double.objects.keys()]).toEqual(['pictures/frames/0xAB/1763690400.jpg'])
  })

  it('stores bytes that lie in shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3000))
    shared.set(media.data)
    await doubleSink(double).put({ ...media, data: shared as unknown as Uint8Array<ArrayBuffer> }, contextOf(media))
    expect(Buffer.compare(double.objects.get(path)!.data, media.data)).toBe(0)
  })

  it.each([
    ['in one request', {}],
    ['in a resumable upload', { resumable: { thresholdBytes: 1, chunkBytes } }],
  ])('stores what it was given, though the bytes change while they are sent %s', async (_how, options) => {
    const data = makeBytes(1_000_000, 5)
    const putting = doubleSink(double, options).put(makePicture(1, { data }), contextOf(media))
    const original = data.slice()
    data.fill(0)
    await putting
    expect(Buffer.compare(double.objects.get(path)!.data, original)).toBe(0)
  })

  it('refuses a picture of no bytes, for good, and asks nobody', async () => {
    const empty = makePicture(1, { data: new Uint8Array(0) })
    expect(await failureOf(doubleSink(double).put(empty, contextOf(empty)))).toMatchObject({
      code: 'SNAPMINT_SINK_FAILED',
      retryable: false,
    })
    expect(double.requests).toEqual([])
  })

  it('takes names of 1024 bytes of any script, and refuses longer ones', async () => {
    const sink = doubleSink(double)
    const key = `${'画'.repeat(340)}.jpg`
    expect(await sink.put(media, contextOf(media, { key }))).toEqual({ uri: `gs://pictures/${key}` })
    expect(double.objects.has(`pictures/${key}`)).toBe(true)
    const code = 'SNAPMINT_SINK_KEY_INVALID'
    expect(await failureOf(sink.put(media, contextOf(media, { key: `x${key}` })))).toMatchObject({ code, retryable: false })
  })

  it.each([
    ['a picture', {}],
    ['the beginning of a resumable upload', { resumable: { thresholdBytes: 1 } }],
  ])('asks once with %s, and hands the advice when to come again on: retrying is up to core', async (_what, options) => {
    double.setFault(() => refusal(503, 'backendError', 'Slow down.', { headers: { 'retry-after': '3' } }))
    expect(await failureOf(doubleSink(double, options).put(media, contextOf(media)))).toMatchObject({
      retryable: true,
      retryAfterMs: 3000,
    })
    expect(double.requests).toHaveLength(1)
  })

  it('does not ask again for metadata or bytes either', async () => {
    const sink = doubleSink(double, { createOnly: true, verify: true })
    double.setFault(({ operation }) => (operation === 'read' ? refusal(503, 'backendError') : undefined))
    expect(await failureOf(sink.put(media, contextOf(media)))).toMatchObject({ retryable: true })
    expect(operations()).toEqual(['upload', 'read'])
  })

  it('shows no secret in what it throws, whatever the store echoes', async () => {
    const { privateKey } = keyPair()
    const sink = doubleSink(double, { credentials: { client_email: 'a@b', private_key: privateKey } })
    const message = 'Bearer ya29.SECRETTOKEN was refused at /o?upload_id=SECRETSESSION'
    for (const status of [400, 401, 500]) {
      double.setFault(() => refusal(status, 'invalid', message))
      const error = await failureOf(sink.put(media, contextOf(media)))
      expect(error.message).toContain('was refused at')
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/SECRET|PRIVATE KEY/)
    }
  })

  it('makes an object public, and says what to do where the bucket does not allow it', async () => {
    const sink = doubleSink(double, { uri: 'public' })
    const { uri } = await sink.put(media, contextOf(media, { key: 'Süd/a b#1.jpg' }))
    expect(uri).toBe(`${double.endpoint}/pictures/S%C3%BCd/a%20b%231.jpg`)
    expect(Buffer.compare(Buffer.from(await (await fetch(uri)).arrayBuffer()), media.data)).toBe(0)
    double.uniform.add('pictures')
    const error = await failureOf(sink.put(media, contextOf(media)))
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: false })
    expect(error.message).toContain("`uri: 'https'`")
  })

  it('answers a signed URL that reads the picture until it ends', async () => {
    const { privateKey, publicKey } = keyPair()
    const signing = await createGcsDouble({ publicKey })
    const credentials = { client_email: 'camera@example.iam.gserviceaccount.com', private_key: privateKey }
    const sink = doubleSink(signing, { uri: 'signed', signedExpirySeconds: 60, credentials })
    const { uri } = await sink.put(media, contextOf(media, { key: 'Süd/a b#1.jpg' }))
    expect(uri).toContain('X-Goog-Expires=60')
    const answer = await fetch(uri)
    expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), media.data)).toBe(0)
    expect((await fetch(uri.replace('Expires=60', 'Expires=600'))).status).toBe(403)
    const longest = doubleSink(signing, { uri: 'signed', signedExpirySeconds: 604_800, credentials })
    expect((await longest.put(media, contextOf(media))).uri).toMatch(/X-Goog-Expires=(604800|604799)/)
    await signing.close()
  })

  it('does not believe a web server that says 200 to everything', async () => {
    const server = http.createServer(
      (request, response) => void request.resume().on('end', () => response.end('<html>Welcome</html>')),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const sink = doubleSink(double, { apiEndpoint: `http://127.0.0.1:${port}` })
    expect((await failureOf(sink.put(media, contextOf(media)))).message).toContain('is no store')
    server.closeAllConnections()
    server.close()
  })

  it('says that nobody answers', async () => {
    const error = await failureOf(doubleSink(double, { apiEndpoint: 'http://127.0.0.1:1' }).put(media, contextOf(media)))
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
    expect(error.message).toMatch(/nobody answers there.*ECONNREFUSED/)
  })

  it('opens nothing and asks nobody before the first put', async () => {
    const sink = doubleSink(double)
    await sink.close?.()
    expect([double.requests.length, double.sockets.size]).toEqual([0, 0])
  })
})

describe('gcsSink with a client that it is given', () => {
  it('takes a Storage, and a bucket of one', async () => {
    const storage: GcsStorageLike = new Storage({ apiEndpoint: double.endpoint, projectId: 'demo' })
    for (const options of [{ bucket: 'pictures', storage }, { bucket: storage.bucket('pictures') }])
      await expect(gcsSink(options).put(media, contextOf(media))).resolves.toEqual({ uri: `gs://${path}` })
    expect(operations()).toEqual(['upload', 'upload'])
  })

  it('reads back from the endpoint that was given, whatever emulator the environment names', async () => {
    vi.stubEnv('STORAGE_EMULATOR_HOST', 'http://127.0.0.1:9')
    onTestFinished(() => void vi.unstubAllEnvs())
    const sink = gcsSink({ bucket: 'pictures', apiEndpoint: double.endpoint, verify: true, uri: 'https' })
    await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: `${double.endpoint}/${path}` })
    expect(operations()).toEqual(['upload', 'read'])
  })

  it("takes the bucket of firebase-admin's storage, and its storage", async () => {
    process.env.STORAGE_EMULATOR_HOST = double.endpoint
    const app = initializeApp({ projectId: 'demo-snapmint', storageBucket: 'pictures' }, 'sink-gcs')
    try {
      const bucket: GcsBucketLike = getStorage(app).bucket()
      const storage: GcsStorageLike = getStorage(app)
      for (const options of [
        { bucket, verify: true },
        { bucket: 'pictures', storage, createOnly: true },
      ])
        await expect(gcsSink(options).put(media, contextOf(media))).resolves.toEqual({ uri: `gs://${path}` })
    } finally {
      delete process.env.STORAGE_EMULATOR_HOST
      await deleteApp(app)
    }
    expect(operations()).toEqual(['upload', 'read', 'upload', 'metadata'])
  })

  it("rejects with the signal's reason at once, also when the client does not heed the abort", async () => {
    const reason = new Error('enough')
    const never = () => new Promise<never>(() => {})
    const file = () => ({ getMetadata: never, download: never, getSignedUrl: never, createWriteStream: never }) as never
    for (const sink of [gcsSink({ bucket: { name: 'b', file } }), doubleSink(double)]) {
      double.setFault(() => 'hang')
      const controller = new AbortController()
      const putting = sink.put(media, contextOf(media, { signal: controller.signal }))
      const ended = expect(putting).rejects.toBeDefined()
      await new Promise(setImmediate)
      controller.abort(reason)
      await ended
    }
  })
})

describe('a put that is given up', () => {
  it('closes the connection of a resumable upload at once, at its beginning and in its middle', async () => {
    for (const step of ['begin', 'chunk'] as const) {
      const controller = new AbortController()
      const reason = new Error('enough')
      double.setFault(({ operation }) => {
        if (operation !== step) return undefined
        setImmediate(() => controller.abort(reason))
        return 'hang'
      })
      const sink = doubleSink(double, { resumable: { thresholdBytes: 1, chunkBytes } })
      await expect(sink.put(media, contextOf(media, { signal: controller.signal }))).rejects.toBe(reason)
      await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
    }
    expect(double.objects.size).toBe(0)
  })

  it('rejects at once in one request as well, whose connection is closed when its time is over', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    double.setFault(() => {
      setImmediate(() => controller.abort(reason))
      return 'hang'
    })
    const sink = doubleSink(double, { timeoutMs: 500 })
    await expect(sink.put(media, contextOf(media, { signal: controller.signal }))).rejects.toBe(reason)
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
    expect(double.objects.size).toBe(0)
  })

  it.each([
    ['uploading', 'upload', {}],
    ['reading back', 'read', { verify: true }],
  ])('closes the connection after a limit of time of its own, %s', async (_what, step, options) => {
    double.setFault(({ operation }) => (operation === step ? 'hang' : undefined))
    const error = await failureOf(doubleSink(double, { timeoutMs: 100, ...options }).put(media, contextOf(media)))
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_TIMEOUT', retryable: true })
    expect(error.message).toContain('within 100 ms')
    await expect.poll(() => double.requests.length, { timeout: 10_000 }).toBe(step === 'read' ? 2 : 1)
  })
})

function keyPair() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}
