import { generateKeyPairSync } from 'node:crypto'
import { Storage } from '@google-cloud/storage'
import { frameSinkConformance } from '@snapmint/conformance'
import { deleteApp, initializeApp } from 'firebase-admin/app'
import { getStorage } from 'firebase-admin/storage'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startStorageEmulator } from '../../../scripts/storage-emulator/storage-emulator.mjs'
import { gcsSink } from '../src/gcs-sink.js'
import type { GcsSinkOptions } from '../src/gcs-sink-options.js'
import { md5Base64 } from './double/object-store.js'
import { firebaseIfPresent } from './fixtures/firebase-emulator.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'

/*
 * Firebase's emulator is a server that others wrote, so it tells whether we speak the protocol as they read it. It is no strict one: it heeds no `ifGenerationMatch`, so that
 * everybody who creates once wins; it ends an upload of several chunks with the first of them; it takes a body whose MD5 is another than the one announced; it checks no
 * signature and no credentials, forgets `customTime`, and knows every bucket. All that is tested on the double.
 */

const path = firebaseIfPresent()
const chunkBytes = 256 * 1024
/** In one chunk: the emulator keeps no more. */
const inOneChunk = { resumable: { thresholdBytes: 1, chunkBytes: 64 * chunkBytes } }
const media = makePicture(1, { source: 'Atelier Süd' })

function integration(firebaseTools: string): void {
  let emulator: Awaited<ReturnType<typeof startStorageEmulator>>
  let endpoint: string
  let reader: Storage
  let app: ReturnType<typeof initializeApp>
  let buckets = 0

  beforeAll(async () => {
    emulator = await startStorageEmulator(firebaseTools)
    endpoint = `http://${emulator.host}`
    reader = new Storage({ apiEndpoint: endpoint, projectId: 'demo-snapmint' })
    // The Admin SDK hands it to the SDK below as `STORAGE_EMULATOR_HOST`.
    vi.stubEnv('FIREBASE_STORAGE_EMULATOR_HOST', emulator.host)
    app = initializeApp({ projectId: 'demo-snapmint' }, 'firebase-emulator')
    getStorage(app)
  })

  afterAll(async () => {
    await deleteApp(app)
    vi.unstubAllEnvs()
    delete process.env.STORAGE_EMULATOR_HOST
    await emulator?.close()
  })

  /** One of its own for each test. */
  const newBucket = () => `pictures-${++buckets}.appspot.com`

  type Open = (bucket: string, options: Partial<GcsSinkOptions>) => ReturnType<typeof gcsSink>
  const byEndpoint: Open = (bucket, options) => gcsSink({ bucket, apiEndpoint: endpoint, ...options })
  const byAdminBucket: Open = (bucket, options) => gcsSink({ bucket: getStorage(app).bucket(bucket), ...options })
  const byAdminStorage: Open = (bucket, options) => gcsSink({ bucket, storage: getStorage(app), ...options })

  async function read(bucket: string, key: string): Promise<Buffer> {
    const [bytes] = await reader.bucket(bucket).file(key).download()
    return bytes
  }

  function openStore(open: Open, options: Partial<GcsSinkOptions> = {}) {
    const bucket = newBucket()
    const sink = open(bucket, options)
    const isUrl = options.uri === 'https'
    const prefix = isUrl ? `${endpoint}/${bucket}/` : `gs://${bucket}/`
    return {
      sink,
      read(uri: string) {
        expect(uri.slice(0, prefix.length)).toBe(prefix)
        return read(bucket, isUrl ? decodeURIComponent(uri.slice(prefix.length)) : uri.slice(prefix.length))
      },
      async list() {
        const [files] = await reader.bucket(bucket).getFiles()
        return files.map(({ name }) => prefix + (isUrl ? name.split('/').map(encodeURIComponent).join('/') : name))
      },
      teardown: () => sink.close?.(),
    }
  }

  const clients: readonly (readonly [string, Open])[] = [
    ['@google-cloud/storage', byEndpoint],
    ['the bucket of firebase-admin', byAdminBucket],
    ['the storage of firebase-admin', byAdminStorage],
  ]
  for (const [client, open] of clients) {
    frameSinkConformance({
      describe,
      it,
      name: `gcsSink over Firebase's emulator, through ${client}`,
      timeoutMs: 20_000,
      create: () => openStore(open),
    })
  }

  frameSinkConformance({
    describe,
    it,
    name: "gcsSink over Firebase's emulator that only creates, reads back, answers URLs and sends resumable uploads",
    timeoutMs: 20_000,
    create: () => openStore(byEndpoint, { createOnly: true, verify: true, uri: 'https', prefix: 'frames/2026', ...inOneChunk }),
  })

  describe.each(clients)("gcsSink over Firebase's emulator, through %s", (_client, open) => {
    it.each([
      ['in one request', {}],
      ['in a resumable upload', inOneChunk],
    ])('stores bytes, hash, type, Cache-Control and metadata, sent %s', async (_how, options) => {
      const bucket = newBucket()
      const sink = open(bucket, {
        cacheControl: 'public, max-age=60',
        metadata: { camera: 'north' },
        prefix: 'frames',
        ...options,
      })
      const key = 'frames/Atelier Süd/画 1.jpg'
      await expect(
        sink.put(media, contextOf(media, { key: 'Atelier Süd/画 1.jpg', jobIds: ['mint 7', 'mint-8'] })),
      ).resolves.toEqual({ uri: `gs://${bucket}/${key}` })
      const [stored] = await reader.bucket(bucket).file(key).getMetadata()
      expect(stored).toMatchObject({
        size: '3000',
        contentType: 'image/jpeg',
        cacheControl: 'public, max-age=60',
        md5Hash: md5Base64(media.data),
        metadata: {
          camera: 'north',
          captureTime: String(media.captureTime),
          sha256: media.sha256,
          source: 'Atelier%20S%C3%BCd',
          jobIds: 'mint%207,mint-8',
          jobCount: '2',
        },
      })
      // The SDK compares it with the crc32c that the emulator has computed.
      expect(Buffer.compare(await read(bucket, key), media.data)).toBe(0)
    })
  })

  describe("gcsSink over Firebase's emulator", () => {
    it('gives the names of the original', async () => {
      const bucket = newBucket()
      const sink = byAdminBucket(bucket, { template: 'frames/{contract}/{seconds}.jpg', constants: { contract: '0xAB' } })
      await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: `gs://${bucket}/frames/0xAB/1763690400.jpg` })
      expect(Buffer.compare(await read(bucket, 'frames/0xAB/1763690400.jpg'), media.data)).toBe(0)
    })

    it('takes an equal object for success, and stores again what was deleted', async () => {
      const bucket = newBucket()
      const sink = byEndpoint(bucket, { createOnly: true, template: 'one.jpg' })
      await sink.put(media, contextOf(media))
      await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: `gs://${bucket}/one.jpg` })
      await reader.bucket(bucket).file('one.jpg').delete()
      await sink.put(media, contextOf(media))
      expect(Buffer.compare(await read(bucket, 'one.jpg'), media.data)).toBe(0)
    })

    it('does not acknowledge an upload of several chunks, of which this server keeps the first only', async () => {
      const big = makePicture(2, { byteLength: 5 * chunkBytes })
      const sink = byEndpoint(newBucket(), { resumable: { thresholdBytes: 1, chunkBytes }, timeoutMs: 5000 })
      await expect(sink.put(big, contextOf(big))).rejects.toMatchObject({ retryable: true, adapter: 'gcs' })
    })

    it.each([
      ['in one request', { resumable: { thresholdBytes: 16 * 2 ** 20 } }],
      ['in one chunk', inOneChunk],
    ])('stores a clip of 9 MiB %s', async (_how, options) => {
      const bucket = newBucket()
      const clip = makePicture(3, { byteLength: 9 * 2 ** 20 })
      await byEndpoint(bucket, { template: 'clip.mp4', ...options }).put(clip, contextOf(clip))
      expect(Buffer.compare(await read(bucket, 'clip.mp4'), clip.data)).toBe(0)
    })

    it.each([
      ['public', {}],
      ['signed', { signedExpirySeconds: 60, credentials: throwAwayKey() }],
    ] as const)('answers a %s URL that reads the picture', async (uri, options) => {
      const bucket = newBucket()
      const receipt = await byEndpoint(bucket, { uri, ...options }).put(media, contextOf(media, { key: 'Süd/a b#1.jpg' }))
      expect(receipt.uri).toContain(`${endpoint}/${bucket}/S%C3%BCd/a%20b%231.jpg`)
      const answer = await fetch(receipt.uri)
      expect(answer.headers.get('content-type')).toBe('image/jpeg')
      expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), media.data)).toBe(0)
    })

    it('stores two hundred pictures, eight at a time, each under its own name', async () => {
      const bucket = newBucket()
      const sink = byAdminBucket(bucket, { verify: true })
      const pictures = Array.from({ length: 200 }, (_item, index) => makePicture(index))
      const waiting = [...pictures]
      const putAll = async () => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await sink.put(next, contextOf(next))
      }
      await Promise.all(Array.from({ length: 8 }, putAll))
      const [files] = await reader.bucket(bucket).getFiles()
      const hashes = new Map(files.map(({ name, metadata }) => [name, metadata.md5Hash]))
      expect(hashes).toEqual(new Map(pictures.map(({ captureTime, data }) => [`easel/${captureTime}.jpg`, md5Base64(data)])))
    })

    it('says that nobody answers once the emulator has ended, and stores again with another one', async () => {
      const other = await startStorageEmulator(firebaseTools)
      const sink = gcsSink({ bucket: 'pictures', apiEndpoint: `http://${other.host}` })
      await sink.put(media, contextOf(media))
      await other.close()
      await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
      // That one has left the objects of this one alone.
      const bucket = newBucket()
      await byEndpoint(bucket, { template: 'one.jpg', verify: true }).put(media, contextOf(media))
      expect(Buffer.compare(await read(bucket, 'one.jpg'), media.data)).toBe(0)
    })
  })
}

function throwAwayKey() {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return { client_email: 'camera@example.iam.gserviceaccount.com', private_key: privateKey }
}

if (path !== undefined) integration(path)

describe("the tests over Firebase's emulator", () => {
  it('are left out by name where it is missing, and missed in continuous integration', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    expect(firebaseIfPresent(() => undefined, {})).toBeUndefined()
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("gcsSink over Firebase's emulator"))
    expect(() => firebaseIfPresent(() => undefined, { CI: 'true' })).toThrow('npm run setup')
    warn.mockRestore()
  })
})
