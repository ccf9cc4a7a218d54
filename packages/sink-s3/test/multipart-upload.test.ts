import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refusal } from './double/refusal.js'
import { createS3Double, type Fault, type S3Double } from './double/s3-double.js'
import { doubleSink } from './fixtures/double-sink.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'

const mebibyte = 2 ** 20
let double: S3Double

beforeEach(async () => {
  double = await createS3Double()
})

afterEach(() => double.close())

const big = makePicture(1, { byteLength: 12 * mebibyte + 7 })
const path = `pictures/easel/${big.captureTime}.jpg`
const open = (options = {}) =>
  doubleSink(double, { multipart: { thresholdBytes: 5 * mebibyte, partBytes: 5 * mebibyte }, ...options })
const countOf = (operation: string) => double.requests.filter((request) => request.operation === operation).length

/** Goes wrong the first so many times that the operation is asked for. */
function failFirst(operation: string, fault: Fault, times = 1): void {
  let left = times
  double.setFault((request) => (request.operation === operation && left-- > 0 ? fault : undefined))
}

describe('bodies in parts', () => {
  it('are one object with its bytes, type, metadata and checksums', async () => {
    const sink = open({ cacheControl: 'no-store' })
    await sink.put(big, contextOf(big))
    expect(double.counts).toEqual({ begun: 1, completed: 1, aborted: 0, parts: 3 })
    const { data, headers } = double.objects.get(path)!
    expect(Buffer.compare(data, big.data)).toBe(0)
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-amz-meta-sha256': big.sha256,
    })
    const parts = double.requests.filter(({ operation }) => operation === 'UploadPart')
    for (const { headers: sent, chunked } of parts) {
      expect(sent).toHaveProperty('x-amz-checksum-crc32')
      expect(chunked).toBe(false)
    }
    await sink.close?.()
  })

  it('begin at the threshold, and not below', async () => {
    const sink = open()
    await sink.put(makePicture(2, { byteLength: 5 * mebibyte - 1 }), contextOf(makePicture(2)))
    expect(double.counts.begun).toBe(0)
    await sink.put(makePicture(3, { byteLength: 5 * mebibyte }), contextOf(makePicture(3)))
    expect(double.counts).toMatchObject({ begun: 1, parts: 1, completed: 1 })
    await sink.close?.()
  })

  it('carry no checksum headers where the store wants none', async () => {
    const sink = open({ checksums: 'when_required' })
    await sink.put(big, contextOf(big))
    for (const { headers } of double.requests)
      expect(
        Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum') || name === 'x-amz-sdk-checksum-algorithm'),
      ).toEqual([])
    expect(Buffer.compare(double.objects.get(path)!.data, big.data)).toBe(0)
    await sink.close?.()
  })

  it.each<[string, string, Fault]>([
    ['a part is refused', 'UploadPart', refusal(503, 'SlowDown')],
    ['a part breaks off', 'UploadPart', 'reset-mid-body'],
    ['the answer to a part is lost', 'UploadPart', 'answer-lost'],
    ['the end is refused', 'CompleteMultipartUpload', refusal(500, 'InternalError')],
    ['the end is refused after a good beginning of the answer', 'CompleteMultipartUpload', refusal(200, 'InternalError')],
    ['the answer to the beginning is lost', 'CreateMultipartUpload', 'answer-lost'],
    ['the answer to the beginning is cut off', 'CreateMultipartUpload', 'answer-truncated'],
  ])('leave nothing behind when %s, and succeed at the next try', async (_when, operation, fault) => {
    const sink = open()
    failFirst(operation, fault)
    await expect(sink.put(big, contextOf(big))).rejects.toMatchObject({ retryable: true })
    expect(double.objects.size).toBe(0)
    await sink.put(big, contextOf(big))
    await sink.close?.()
    expect(double.uploads.size).toBe(0)
    expect(double.counts).toMatchObject({ begun: 2, completed: 1, aborted: 1 })
    expect(Buffer.compare(double.objects.get(path)!.data, big.data)).toBe(0)
  })

  it('are not sent again in vain when only the answer to the end was lost', async () => {
    const sink = open()
    failFirst('CompleteMultipartUpload', 'answer-lost')
    await expect(sink.put(big, contextOf(big))).rejects.toMatchObject({ retryable: true })
    await sink.close?.()
    expect(Buffer.compare(double.objects.get(path)!.data, big.data)).toBe(0)
    expect(double.uploads.size).toBe(0)
  })

  it('are ended in close() when the store would not end them before', async () => {
    const sink = open()
    double.setFault(({ operation }) =>
      operation === 'UploadPart' || operation === 'AbortMultipartUpload' ? refusal(503, 'SlowDown') : undefined,
    )
    await expect(sink.put(big, contextOf(big))).rejects.toMatchObject({ retryable: true })
    await vi.waitFor(() => expect(countOf('AbortMultipartUpload')).toBe(1), 10_000)
    expect(double.uploads.size).toBe(1)
    double.setFault(undefined)
    await sink.close?.()
    expect(double.uploads.size).toBe(0)
  })

  it('that may not be ended are left to the bucket’s own rule, and asked for once', async () => {
    const sink = open()
    double.setFault(({ operation }) => {
      if (operation === 'UploadPart') return 'reset'
      return operation === 'AbortMultipartUpload' ? refusal(403, 'AccessDenied') : undefined
    })
    await expect(sink.put(big, contextOf(big))).rejects.toMatchObject({ retryable: true })
    await sink.close?.()
    expect(countOf('AbortMultipartUpload')).toBe(1)
  })

  it('that were refused from the beginning leave nothing to look for', async () => {
    const sink = open()
    double.setFault(() => refusal(403, 'AccessDenied'))
    await expect(sink.put(big, contextOf(big))).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN' })
    await sink.close?.()
    expect(double.requests.map(({ operation }) => operation)).toEqual(['CreateMultipartUpload'])
  })

  it("stop at once on an abort with the signal's reason, and leave nothing behind", async () => {
    const sink = open()
    const controller = new AbortController()
    const reason = new Error('enough')
    double.setFault(({ operation }) => {
      if (operation !== 'UploadPart') return undefined
      controller.abort(reason)
      return 'hang'
    })
    await expect(sink.put(big, contextOf(big, { signal: controller.signal }))).rejects.toBe(reason)
    await sink.close?.()
    expect(double.uploads.size).toBe(0)
    expect(double.objects.size).toBe(0)
  })

  it('of one key that are sent by two puts do not end each other', async () => {
    const sink = open()
    failFirst('CreateMultipartUpload', 'answer-lost')
    const first = sink.put(big, contextOf(big)).catch((error: unknown) => error)
    await turn()
    await Promise.all([sink.put(big, contextOf(big)), first])
    await sink.close?.()
    expect(double.counts).toMatchObject({ begun: 2, completed: 1, aborted: 1 })
    expect(double.uploads.size).toBe(0)
  })
})
