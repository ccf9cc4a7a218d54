import { Readable } from 'node:stream'
import { GetObjectCommand, S3 } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeBytes } from '../fixtures/make-picture.js'
import { decodeAwsChunked } from './aws-chunked.js'
import { accessKeyId, createS3Double, type S3Double, secretAccessKey } from './s3-double.js'

let double: S3Double
let client: S3

const connect = (fields: Record<string, unknown> = {}) =>
  new S3({
    endpoint: double.endpoint,
    region: double.region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    ...fields,
  })

beforeEach(async () => {
  double = await createS3Double()
  client = connect()
})

afterEach(async () => {
  client.destroy()
  await double.close()
})

const data = makeBytes(200_000, 1)
const object = { Bucket: 'pictures', Key: 'a b/Süd+1.jpg' }

describe('the double of S3', () => {
  it('stores a buffer that came in one piece, with its checksum', async () => {
    await client.putObject({ ...object, Body: data, ContentType: 'image/jpeg', Metadata: { a: 'b' } })
    expect(double.requests).toMatchObject([{ operation: 'PutObject', chunked: false }])
    expect(double.requests[0]!.headers).toHaveProperty('x-amz-checksum-crc32')
    const answer = await client.getObject(object)
    expect(answer).toMatchObject({ ContentType: 'image/jpeg', Metadata: { a: 'b' }, ContentLength: data.length })
    expect(Buffer.compare(await answer.Body!.transformToByteArray(), data)).toBe(0)
  })

  it('stores the bytes of a stream without the framing that the SDK puts around them', async () => {
    await client.putObject({
      ...object,
      Body: Readable.from([data.subarray(0, 70_000), data.subarray(70_000)]),
      ContentLength: data.length,
    })
    expect(double.requests).toMatchObject([{ chunked: true }])
    expect(Buffer.compare(double.objects.get('pictures/a b/Süd+1.jpg')!.data, data)).toBe(0)
  })

  it('refuses framing that is cut off or wrong', () => {
    expect(decodeAwsChunked(Buffer.from('3\r\nabc\r\n0\r\nx-a: b\r\n\r\n'))).toEqual({
      data: Buffer.from('abc'),
      trailers: { 'x-a': 'b' },
    })
    for (const body of ['', 'abc\r\n', '5\r\nabc\r\n0\r\n\r\n', '3\r\nabcd\r\n0\r\n\r\n', '3\r\nabc\r\n'])
      expect(() => decodeAwsChunked(Buffer.from(body))).toThrow('aws-chunked')
  })

  it('refuses a body whose checksum is wrong', async () => {
    const ChecksumCRC32 = 'AAAAAA=='
    await expect(client.putObject({ ...object, Body: data, ChecksumCRC32 })).rejects.toMatchObject({ name: 'BadDigest' })
    expect(double.objects.size).toBe(0)
  })

  it('refuses a secret, a key id, a region and a clock that are wrong', async () => {
    const put = async (fields: Record<string, unknown>) => {
      const other = connect(fields)
      await other.putObject({ ...object, Body: data }).finally(() => other.destroy())
    }
    await expect(put({ credentials: { accessKeyId, secretAccessKey: 'x' } })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    })
    await expect(put({ credentials: { accessKeyId: 'X', secretAccessKey } })).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
    })
    await expect(put({ region: 'eu-west-1' })).rejects.toMatchObject({ name: 'AuthorizationHeaderMalformed' })
    await expect(put({ systemClockOffset: 3_600_000 })).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' })
    expect(double.objects.size).toBe(0)
  })

  it('heeds If-None-Match: *', async () => {
    await client.putObject({ ...object, Body: data, IfNoneMatch: '*' })
    await expect(client.putObject({ ...object, Body: 'other', IfNoneMatch: '*' })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 412 },
    })
    expect(double.objects.get('pictures/a b/Süd+1.jpg')!.data).toHaveLength(data.length)
  })

  it('lets a presigned URL read, and none that was changed or has ended', async () => {
    await client.putObject({ ...object, Body: data })
    const url = await getSignedUrl(client, new GetObjectCommand(object), { expiresIn: 60 })
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'))).status).toBe(403)
    const signingDate = new Date(Date.now() - 120_000)
    const old = await getSignedUrl(client, new GetObjectCommand(object), { expiresIn: 60, signingDate })
    expect((await fetch(old)).status).toBe(403)
    expect((await fetch(`${double.endpoint}/pictures/a`)).status).toBe(403)
  })

  it('refuses parts that are too small, missing or in disorder, and keeps what is not ended', async () => {
    const { UploadId } = await client.createMultipartUpload(object)
    const upload = { ...object, UploadId }
    const parts = await Promise.all(
      [1, 2].map(async (PartNumber) => {
        const { ETag } = await client.uploadPart({ ...upload, PartNumber, Body: data })
        return { PartNumber, ETag }
      }),
    )
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
      client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } })
    await expect(complete(parts)).rejects.toMatchObject({ name: 'EntityTooSmall' })
    await expect(complete([...parts].reverse())).rejects.toMatchObject({ name: 'InvalidPartOrder' })
    await expect(complete([{ PartNumber: 3, ETag: '"x"' }])).rejects.toMatchObject({ name: 'InvalidPart' })
    expect(double.uploads.size).toBe(1)
    expect((await client.listMultipartUploads({ Bucket: 'pictures', Prefix: 'a b/' })).Uploads).toMatchObject([{ UploadId }])
    await client.abortMultipartUpload(upload)
    await expect(client.abortMultipartUpload(upload)).rejects.toMatchObject({ name: 'NoSuchUpload' })
    expect(double.counts).toEqual({ begun: 1, completed: 0, aborted: 1, parts: 2 })
  })

  it.each(['reset', 'reset-mid-body', 'answer-lost', 'answer-truncated'] as const)('breaks as told: %s', async (fault) => {
    double.setFault(({ operation }) => (operation === 'GetObject' || fault !== 'answer-truncated' ? fault : undefined))
    const work = async () => {
      await client.putObject({ ...object, Body: data })
      const { Body } = await client.getObject(object)
      await Body!.transformToByteArray()
    }
    await expect(work()).rejects.toThrow()
    expect(double.objects.size).toBe(fault.startsWith('answer') ? 1 : 0)
  })
})
