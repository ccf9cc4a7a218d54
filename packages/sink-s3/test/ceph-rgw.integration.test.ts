import { S3 } from '@aws-sdk/client-s3'
import { frameSinkConformance } from '@snapmint/conformance'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { s3Sink } from '../src/s3-sink.js'
import type { S3SinkOptions } from '../src/s3-sink-options.js'
import { type CephRgw, cephIfPresent, startCephRgw } from './fixtures/ceph-rgw.js'
import { contextOf, makeBytes, makePicture } from './fixtures/make-picture.js'

const ceph = cephIfPresent()
const credentials = { accessKeyId: 'SNAPKEY', secretAccessKey: 'snap/secret+1' }
const mebibyte = 2 ** 20
const inParts = { multipart: { thresholdBytes: 5 * mebibyte, partBytes: 5 * mebibyte } }

function integration(root: string): void {
  let server: CephRgw
  let client: S3
  let buckets = 0

  beforeAll(async () => {
    server = await startCephRgw(root)
    await server.createUser('snap', credentials.accessKeyId, credentials.secretAccessKey)
    client = new S3({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  }, 120_000)

  afterAll(async () => {
    client?.destroy()
    await server?.close()
  })

  async function createBucket(): Promise<string> {
    buckets += 1
    const bucket = `pictures-${buckets}`
    await client.createBucket({ Bucket: bucket })
    return bucket
  }

  const open = (bucket: string, options: Partial<S3SinkOptions> = {}) =>
    s3Sink({ bucket, endpoint: server.endpoint, forcePathStyle: true, credentials, ...options })

  const read = async (bucket: string, key: string) =>
    Buffer.from(await (await client.getObject({ Bucket: bucket, Key: key })).Body!.transformToByteArray())

  async function openStore(options: Partial<S3SinkOptions>) {
    const bucket = await createBucket()
    const sink = open(bucket, options)
    const prefix = options.uri === 'https' ? `${server.endpoint}/${bucket}/` : `s3://${bucket}/`
    return {
      sink,
      read: (uri: string) =>
        read(bucket, options.uri === 'https' ? decodeURIComponent(uri.slice(prefix.length)) : uri.slice(prefix.length)),
      async list() {
        const { Contents = [] } = await client.listObjectsV2({ Bucket: bucket })
        return Contents.map(({ Key = '' }) => prefix + (options.uri === 'https' ? encodeURIComponent(Key) : Key))
      },
      teardown: () => sink.close?.(),
    }
  }

  frameSinkConformance({
    describe,
    it,
    name: 's3Sink over Ceph RGW',
    timeoutMs: 20_000,
    create: () => openStore({ uri: 'https' }),
    failures: [
      {
        name: 'a wrong secret key',
        create: () => open('pictures-1', { credentials: { ...credentials, secretAccessKey: 'wrong' } }),
        code: 'SNAPMINT_SINK_FORBIDDEN',
        retryable: false,
      },
      {
        name: 'an unknown access key',
        create: () => open('pictures-1', { credentials: { ...credentials, accessKeyId: 'NOBODY' } }),
        code: 'SNAPMINT_SINK_FORBIDDEN',
        retryable: false,
      },
      { name: 'a bucket that does not exist', create: () => open('nowhere'), code: 'SNAPMINT_SINK_FAILED', retryable: false },
    ],
  })

  frameSinkConformance({
    describe,
    it,
    name: 's3Sink over Ceph RGW that only creates, reads back and sends parts',
    timeoutMs: 20_000,
    create: () => openStore({ createOnly: true, verify: true, ...inParts }),
  })

  describe('s3Sink over Ceph RGW', () => {
    const media = makePicture(1, { source: 'Atelier Süd' })

    it('stores type, Cache-Control and metadata', async () => {
      const bucket = await createBucket()
      const sink = open(bucket, { cacheControl: 'public, max-age=60', metadata: { camera: 'north' }, prefix: 'frames/2026' })
      await sink.put(media, contextOf(media, { key: 'Atelier Süd/1.jpg', jobIds: ['mint 7', 'mint-8'] }))
      expect(await client.headObject({ Bucket: bucket, Key: 'frames/2026/Atelier Süd/1.jpg' })).toMatchObject({
        ContentLength: 3000,
        ContentType: 'image/jpeg',
        CacheControl: 'public, max-age=60',
        Metadata: {
          camera: 'north',
          'capture-time': String(media.captureTime),
          sha256: media.sha256,
          source: 'Atelier%20S%C3%BCd',
          'job-ids': 'mint%207,mint-8',
          'job-count': '2',
        },
      })
      await sink.close?.()
    })

    it('creates once when ten sinks put different pictures under one name', async () => {
      const bucket = await createBucket()
      const pictures = Array.from({ length: 10 }, (_item, index) => makePicture(index))
      const sinks = pictures.map(() => open(bucket, { createOnly: true, template: 'one.jpg' }))
      const ends = await Promise.allSettled(sinks.map((sink, index) => sink.put(pictures[index]!, contextOf(pictures[index]!))))
      const winners = ends.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
      expect(winners).toHaveLength(1)
      for (const end of ends)
        if (end.status === 'rejected') expect(end.reason).toMatchObject({ retryable: expect.any(Boolean), adapter: 's3' })
      expect(Buffer.compare(await read(bucket, 'one.jpg'), pictures[winners[0]!]!.data)).toBe(0)
      for (const sink of sinks) await sink.close?.()
    })

    it('leaves a different object as it is, also in parts, where this server heeds no condition', async () => {
      const bucket = await createBucket()
      await client.putObject({ Bucket: bucket, Key: 'one.jpg', Body: makeBytes(6 * mebibyte, 1) })
      const sink = open(bucket, { createOnly: true, template: 'one.jpg', ...inParts })
      for (const byteLength of [3000, 6 * mebibyte]) {
        const other = makePicture(2, { byteLength })
        await expect(sink.put(other, contextOf(other))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
      }
      expect(Buffer.compare(await read(bucket, 'one.jpg'), makeBytes(6 * mebibyte, 1))).toBe(0)
      await sink.close?.()
    })

    it('answers a presigned URL that reads, and not when it was changed or has ended', async () => {
      const bucket = await createBucket()
      const sink = open(bucket, { uri: 'presigned', presignedExpirySeconds: 1 })
      const { uri } = await sink.put(media, contextOf(media, { key: 'Süd/a b#1.jpg' }))
      const answer = await fetch(uri)
      expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), media.data)).toBe(0)
      expect((await fetch(uri.replace('Expires=1', 'Expires=9'))).status).toBe(403)
      await expect.poll(async () => (await fetch(uri)).status, { timeout: 20_000 }).toBe(403)
      await sink.close?.()
    })

    it('leaves no upload behind when one in parts is aborted under way', async () => {
      const bucket = await createBucket()
      const big = makePicture(3, { byteLength: 24 * mebibyte })
      const sink = open(bucket, inParts)
      const controller = new AbortController()
      const putting = sink.put(big, contextOf(big, { signal: controller.signal }))
      putting.catch(() => {})
      const uploads = async () => (await client.listMultipartUploads({ Bucket: bucket })).Uploads ?? []
      await expect.poll(async () => (await uploads()).length, { timeout: 20_000 }).toBe(1)
      controller.abort(new Error('enough'))
      await expect(putting).rejects.toThrow('enough')
      await sink.close?.()
      expect(await uploads()).toEqual([])
      expect((await client.listObjectsV2({ Bucket: bucket })).KeyCount).toBe(0)
    })

    it('reports a full quota as one that may end', async () => {
      const bucket = await createBucket()
      await server.admin('quota', 'set', '--quota-scope=bucket', '--uid', 'snap', '--max-objects', '0')
      await server.admin('quota', 'enable', '--quota-scope=bucket', '--uid', 'snap')
      const sink = open(bucket)
      try {
        await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FULL', retryable: true })
      } finally {
        await server.admin('quota', 'disable', '--quota-scope=bucket', '--uid', 'snap')
      }
      await sink.close?.()
    })

    it('reports a bucket of somebody else as forbidden', async () => {
      await server.createUser('other', 'OTHERKEY', 'othersecret')
      const bucket = await createBucket()
      const sink = open(bucket, { credentials: { accessKeyId: 'OTHERKEY', secretAccessKey: 'othersecret' } })
      await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN', retryable: false })
      await sink.close?.()
    })
  })
}

if (ceph !== undefined) integration(ceph)

describe('the tests over Ceph RGW', () => {
  it('are left out by name where Ceph is missing, and missed in continuous integration', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    expect(cephIfPresent(() => undefined, {})).toBeUndefined()
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('s3Sink over Ceph RGW'))
    expect(() => cephIfPresent(() => undefined, { CI: 'true' })).toThrow('npm run setup')
    warn.mockRestore()
  })
})
