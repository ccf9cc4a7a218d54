import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
const operations = () => double.requests.map(({ operation }) => operation)
const resumable = { thresholdBytes: 1, chunkBytes: 256 * 1024 }

/** Leaves an object that somebody else wrote; a composed one has no MD5. */
function occupy(data: Uint8Array, composed = false): void {
  const hash = composed ? {} : { md5Hash: md5Base64(data) }
  double.objects.set(path, { data: Buffer.from(data), metadata: {}, generation: 7, ...hash })
}

describe('createOnly', () => {
  it.each([
    ['in one request', {}, ['upload', 'upload', 'metadata']],
    ['in a resumable upload', { resumable }, ['begin', 'chunk', 'begin', 'metadata']],
  ])('creates an object, and takes it for a success when it is there already, %s', async (_how, options, expected) => {
    const sink = doubleSink(double, { createOnly: true, ...options })
    const first = await sink.put(media, contextOf(media))
    const again = await sink.put(media, contextOf(media, { jobIds: ['another'] }))
    expect(again).toEqual(first)
    expect(operations()).toEqual(expected)
    expect(double.objects.get(path)!.metadata.metadata!.jobIds).toBe('job-1')
  })

  it('lets one of ten win that put different pictures at the same time', async () => {
    const sink = doubleSink(double, { createOnly: true })
    const pictures = Array.from({ length: 10 }, (_item, index) => makePicture(1, { data: makeBytes(2000, index) }))
    const answers = await Promise.allSettled(pictures.map((picture) => sink.put(picture, contextOf(media))))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT', retryable: false })
    expect(double.counts.stored).toBe(1)
  })

  it('takes a put whose answer was lost for a success at the next try', async () => {
    const sink = doubleSink(double, { createOnly: true })
    double.setFault(() => 'answer-lost')
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ retryable: true })
    double.setFault(undefined)
    await expect(sink.put(media, contextOf(media))).resolves.toEqual({ uri: `gs://${path}` })
    expect(double.counts.stored).toBe(1)
  })

  it.each([
    ['of another size', makeBytes(10, 2), false],
    ['of the same size', makeBytes(3000, 2), false],
    ['of the same size, without a hash', makeBytes(3000, 2), true],
  ])('leaves an object %s as it is', async (_what, data, composed) => {
    occupy(data, composed)
    await expect(doubleSink(double, { createOnly: true }).put(media, contextOf(media))).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_CONFLICT',
      retryable: false,
      message: expect.stringContaining('was left as it is'),
    })
    expect(Buffer.compare(double.objects.get(path)!.data, data)).toBe(0)
  })

  it('reads an equal object that has no hash, and any when it is to verify', async () => {
    occupy(media.data, true)
    await doubleSink(double, { createOnly: true }).put(media, contextOf(media))
    expect(operations()).toEqual(['upload', 'metadata', 'read'])
    occupy(makeBytes(3000, 2))
    const verifying = doubleSink(double, { createOnly: true, verify: true })
    await expect(verifying.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
    expect(operations().slice(3)).toEqual(['upload', 'metadata'])
    occupy(media.data)
    await verifying.put(media, contextOf(media))
    expect(operations().slice(5)).toEqual(['upload', 'metadata', 'read'])
  })

  it('does not finish a resumable upload over an object that appeared meanwhile', async () => {
    double.setFault(({ operation }) => {
      if (operation === 'chunk') occupy(makeBytes(10, 2))
      return undefined
    })
    const sink = doubleSink(double, { createOnly: true, resumable })
    await expect(sink.put(media, contextOf(media))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
    expect(double.objects.get(path)!.data).toHaveLength(10)
  })

  it('tries again when the object was deleted before it could be compared', async () => {
    double.setFault(({ operation }) => (operation === 'upload' ? refusal(412, 'conditionNotMet') : undefined))
    const putting = doubleSink(double, { createOnly: true }).put(media, contextOf(media))
    await expect(putting).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
  })

  it('says that it lacks a permission when it may not look', async () => {
    occupy(media.data)
    double.setFault(({ operation }) => (operation === 'metadata' ? refusal(403, 'forbidden') : undefined))
    await expect(doubleSink(double, { createOnly: true }).put(media, contextOf(media))).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_FORBIDDEN',
      message: expect.stringContaining('Permissions'),
    })
  })
})

describe('verify', () => {
  it('acknowledges what reads back as it was sent', async () => {
    await doubleSink(double, { verify: true }).put(media, contextOf(media))
    expect(operations()).toEqual(['upload', 'read'])
  })

  it.each([
    ['other bytes of the same size', () => Buffer.from(makeBytes(3000, 9))],
    ['fewer bytes', () => Buffer.alloc(5)],
    ['nothing', () => undefined],
  ])('does not acknowledge when %s come back', async (_what, make) => {
    double.setFault(({ operation }) => {
      const data = make()
      if (operation !== 'read') return undefined
      if (data === undefined) double.objects.delete(path)
      else occupy(data)
      return undefined
    })
    await expect(doubleSink(double, { verify: true }).put(media, contextOf(media))).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_FAILED',
      retryable: true,
      message: expect.stringContaining('does not read back'),
    })
  })

  it.each(['answer-stalls', 'answer-truncated', 'reset'] as const)('tries again after %s of reading back', async (fault) => {
    double.setFault(({ operation }) => (operation === 'read' ? fault : undefined))
    const putting = doubleSink(double, { verify: true, timeoutMs: 300 }).put(media, contextOf(media))
    await expect(putting).rejects.toMatchObject({ retryable: true })
  })
})
