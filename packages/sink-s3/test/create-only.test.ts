import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refusal } from './double/refusal.js'
import { createS3Double, type S3Double } from './double/s3-double.js'
import { doubleSink } from './fixtures/double-sink.js'
import { contextOf, makeBytes, makePicture } from './fixtures/make-picture.js'

let double: S3Double

beforeEach(async () => {
  double = await createS3Double()
})

afterEach(() => double.close())

const media = makePicture(1)
const path = `pictures/easel/${media.captureTime}.jpg`
const large = { multipart: { thresholdBytes: 5 * 2 ** 20, partBytes: 5 * 2 ** 20 } }
const operations = () => double.requests.map(({ operation }) => operation)

/** Leaves an object that somebody else wrote. */
function occupy(data: Uint8Array, headers: Record<string, string> = {}): void {
  double.objects.set(path, { data: Buffer.from(data), headers })
}

describe('createOnly', () => {
  it('creates an object, and takes it for a success when it is there already', async () => {
    const sink = doubleSink(double, { createOnly: true })
    const first = await sink.put(media, contextOf(media))
    const again = await sink.put(media, contextOf(media, { jobIds: ['another'] }))
    expect(again).toEqual(first)
    expect(operations()).toEqual(['PutObject', 'PutObject', 'HeadObject'])
    expect(double.objects.get(path)!.headers['x-amz-meta-job-ids']).toBe('job-1')
    await sink.close?.()
  })

  it('takes a put whose answer was lost for a success at the next try', async () => {
    const sink = doubleSink(double, { createOnly: true })
    double.setFault(() => 'answer-lost')
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ retryable: true })
    double.setFault(undefined)
    await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: `s3://${path}` })
    await sink.close?.()
  })

  it.each([
    ['of another size', makeBytes(10, 2), {}],
    ['of the same size and another hash', makeBytes(3000, 2), { 'x-amz-meta-sha256': '0'.repeat(64) }],
    ['of the same size, of somebody else', makeBytes(3000, 2), {}],
  ])('leaves an object %s as it is', async (_what, data, headers) => {
    occupy(data, headers)
    const sink = doubleSink(double, { createOnly: true })
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_CONFLICT',
      retryable: false,
      message: expect.stringContaining('was left as it is'),
    })
    expect(Buffer.compare(double.objects.get(path)!.data, data)).toBe(0)
    await sink.close?.()
  })

  it('reads an equal object of somebody else, who left no hash', async () => {
    occupy(media.data)
    const sink = doubleSink(double, { createOnly: true })
    await sink.put(media, contextOf(media))
    expect(operations()).toEqual(['PutObject', 'HeadObject', 'GetObject'])
    await sink.close?.()
  })

  it('does not believe the hash in the metadata when it is to verify', async () => {
    occupy(makeBytes(3000, 2), { 'x-amz-meta-sha256': media.sha256 })
    const sink = doubleSink(double, { createOnly: true, verify: true })
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
    await sink.close?.()
  })

  it('tries again when the object was deleted before it could be compared', async () => {
    const sink = doubleSink(double, { createOnly: true })
    double.setFault(({ operation }) => (operation === 'PutObject' ? refusal(412, 'PreconditionFailed') : undefined))
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
    await sink.close?.()
  })

  it('says which permission it lacks when it may not look', async () => {
    occupy(media.data)
    double.setFault(({ operation }) => (operation === 'HeadObject' ? refusal(403, 'AccessDenied') : undefined))
    const sink = doubleSink(double, { createOnly: true })
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_FORBIDDEN',
      message: expect.stringContaining('Permissions'),
    })
    await sink.close?.()
  })

  it('sends no parts for a large body that is there already, and completes none over another', async () => {
    const big = makePicture(1, { byteLength: 6 * 2 ** 20 })
    const sink = doubleSink(double, { createOnly: true, ...large })
    await sink.put(big, contextOf(big))
    await sink.put(big, contextOf(big))
    expect(double.counts).toEqual({ begun: 1, completed: 1, aborted: 0, parts: 2 })
    // Somebody else is quicker, between the look and the end.
    double.objects.clear()
    double.setFault(({ operation }) => {
      if (operation === 'CompleteMultipartUpload') occupy(makeBytes(10, 2))
      return undefined
    })
    await expect(sink.put(big, contextOf(big))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
    await sink.close?.()
    expect(double.objects.get(path)!.data).toHaveLength(10)
    expect(double.uploads.size).toBe(0)
  })
})

describe('verify', () => {
  it('acknowledges what reads back as it was sent', async () => {
    const sink = doubleSink(double, { verify: true })
    await sink.put(media, contextOf(media))
    expect(operations()).toEqual(['PutObject', 'GetObject'])
    await sink.close?.()
  })

  it.each([
    ['other bytes of the same size', () => Buffer.from(makeBytes(3000, 9))],
    ['fewer bytes', () => Buffer.alloc(5)],
    ['nothing', () => undefined],
  ])('does not acknowledge when %s come back', async (_what, make) => {
    double.setFault(({ operation }) => {
      const data = make()
      if (operation === 'GetObject' && data !== undefined) double.objects.set(path, { data, headers: {} })
      if (operation === 'GetObject' && data === undefined) double.objects.delete(path)
      return undefined
    })
    const sink = doubleSink(double, { verify: true })
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_FAILED',
      retryable: true,
      message: expect.stringContaining('does not read back'),
    })
    await sink.close?.()
  })

  it('ends reading back that does not go on', async () => {
    double.setFault(({ operation }) => (operation === 'GetObject' ? 'answer-stalls' : undefined))
    const sink = doubleSink(double, { verify: true, timeoutMs: 200 })
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_TIMEOUT', retryable: true })
    await sink.close?.()
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
  })

  it('tries again when reading back breaks off in the middle', async () => {
    double.setFault(({ operation }) => (operation === 'GetObject' ? 'answer-truncated' : undefined))
    const sink = doubleSink(double, { verify: true })
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ retryable: true })
    await sink.close?.()
  })
})
