import { S3 } from '@aws-sdk/client-s3'
import { frameSinkConformance } from '@snapmint/conformance'
import { type FrameSink, SnapmintError } from '@snapmint/core/adapter'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { s3Sink } from '../src/s3-sink.js'
import type { S3SinkOptions } from '../src/s3-sink-options.js'
import { contextOf, makeBytes, makePicture } from './fixtures/make-picture.js'
import { motoIfPresent, startMoto } from './fixtures/moto.js'

const moto = motoIfPresent()
const credentials = { accessKeyId: 'SNAPKEY', secretAccessKey: 'snapsecret' }
const mebibyte = 2 ** 20
const inParts = { multipart: { thresholdBytes: 5 * mebibyte, partBytes: 5 * mebibyte } }

/** moto answers 500 now and then when two puts of one key meet. Tried again, as core would. */
function retrying(sink: FrameSink): FrameSink {
  return {
    ...sink,
    async put(media, context) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await sink.put(media, context)
        } catch (error) {
          const isPassing = SnapmintError.isInstance(error) && error.retryable && attempt < 10
          if (!isPassing) throw error
        }
      }
    },
  }
}

function integration(command: NonNullable<typeof moto>): void {
  let server: Awaited<ReturnType<typeof startMoto>>
  let client: S3
  let buckets = 0

  beforeAll(async () => {
    server = await startMoto(command)
    client = new S3({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  }, 90_000)

  afterAll(async () => {
    client?.destroy()
    await server?.close()
  })

  async function createBucket(): Promise<string> {
    buckets += 1
    await client.createBucket({ Bucket: `pictures-${buckets}` })
    return `pictures-${buckets}`
  }

  const open = (bucket: string, options: Partial<S3SinkOptions> = {}) =>
    s3Sink({ bucket, endpoint: server.endpoint, forcePathStyle: true, credentials, ...options })

  const read = async (bucket: string, key: string) =>
    Buffer.from(await (await client.getObject({ Bucket: bucket, Key: key })).Body!.transformToByteArray())

  async function openStore(options: Partial<S3SinkOptions>) {
    const bucket = await createBucket()
    const sink = retrying(open(bucket, options))
    const prefix = `s3://${bucket}/`
    return {
      sink,
      read: (uri: string) => read(bucket, uri.slice(prefix.length)),
      async list() {
        const { Contents = [] } = await client.listObjectsV2({ Bucket: bucket })
        return Contents.map(({ Key = '' }) => prefix + Key)
      },
      teardown: () => sink.close?.(),
    }
  }

  for (const options of [{}, { createOnly: true, verify: true, ...inParts }])
    frameSinkConformance({
      describe,
      it,
      name: `s3Sink over moto, ${Object.keys(options).join(', ') || 'plain'}`,
      timeoutMs: 20_000,
      create: () => openStore(options),
    })

  describe('s3Sink over moto', () => {
    it('sends checksums that the store keeps, of whole bodies and of parts', async () => {
      const bucket = await createBucket()
      const sink = open(bucket, inParts)
      for (const [seed, byteLength] of [
        [1, 3000],
        [2, 11 * mebibyte],
      ] as const) {
        const media = makePicture(seed, { byteLength })
        const { uri } = await sink.put(media, contextOf(media))
        const Key = uri.slice(`s3://${bucket}/`.length)
        const head = await client.headObject({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' })
        expect(head.ChecksumCRC32).toMatch(seed === 1 ? /^[\w+/]{6}==$/ : /./)
        expect(Buffer.compare(await read(bucket, Key), media.data)).toBe(0)
      }
      await sink.close?.()
    })

    it('completes no parts over an object that appeared meanwhile', async () => {
      const bucket = await createBucket()
      const inject: S3 = new S3({
        endpoint: server.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials,
        maxAttempts: 1,
      })
      const complete = inject.completeMultipartUpload.bind(inject) as S3['completeMultipartUpload']
      const late = async (...args: Parameters<typeof complete>) => {
        await client.putObject({ Bucket: bucket, Key: 'one.jpg', Body: makeBytes(10, 9) })
        return complete(...args)
      }
      inject.completeMultipartUpload = late as unknown as S3['completeMultipartUpload']
      const sink = s3Sink({ bucket, client: inject, createOnly: true, template: 'one.jpg', ...inParts })
      const media = makePicture(1, { byteLength: 6 * mebibyte })
      await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
      await sink.close?.()
      expect(await read(bucket, 'one.jpg')).toHaveLength(10)
      expect((await client.listMultipartUploads({ Bucket: bucket })).Uploads ?? []).toEqual([])
      inject.destroy()
    })

    it('reports a bucket that does not exist', async () => {
      const sink = open('nowhere')
      const media = makePicture(1)
      await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: false })
      await sink.close?.()
    })
  })
}

if (moto !== undefined) integration(moto)

describe('the tests over moto', () => {
  it('are left out by name where moto is missing', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    expect(motoIfPresent(() => undefined)).toBeUndefined()
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('s3Sink over moto'))
    warn.mockRestore()
  })
})
