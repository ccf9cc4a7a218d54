import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGcsDouble, type GcsDouble } from './double/gcs-double.js'
import { refusal } from './double/refusal.js'
import { doubleSink } from './fixtures/double-sink.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'

let double: GcsDouble

beforeEach(async () => {
  double = await createGcsDouble()
})

afterEach(() => double.close())

const chunkBytes = 256 * 1024
const resumable = { thresholdBytes: 500_000, chunkBytes }
const big = makePicture(1, { byteLength: 4 * chunkBytes + 321 })
const path = `pictures/easel/${big.captureTime}.jpg`
const operations = () => double.requests.map(({ operation }) => operation)

describe('a resumable upload', () => {
  it('sends bodies from the threshold in chunks, with type, length, hash and metadata', async () => {
    const sink = doubleSink(double, { resumable, cacheControl: 'no-store' })
    await expect(sink.put(big, contextOf(big))).resolves.toEqual({ uri: `gs://${path}` })
    expect(operations()).toEqual(['begin', 'chunk', 'chunk', 'chunk', 'chunk', 'chunk'])
    const { data, metadata } = double.objects.get(path)!
    expect(Buffer.compare(data, big.data)).toBe(0)
    expect(metadata).toMatchObject({ contentType: 'image/jpeg', cacheControl: 'no-store', metadata: { sha256: big.sha256 } })
    expect(metadata.md5Hash).toMatch(/^[\w+/]{22}==$/)
    expect(double.requests[0]!.headers['x-upload-content-length']).toBe(String(big.data.byteLength))
    expect(double.uploads.size).toBe(0)
  })

  it('sends one byte less in one request', async () => {
    const sink = doubleSink(double, { resumable })
    for (const [byteLength, expected] of [
      [499_999, 'upload'],
      [500_000, 'begin'],
    ] as const) {
      const media = makePicture(byteLength, { byteLength })
      double.requests.length = 0
      await sink.put(media, contextOf(media))
      expect(operations()[0]).toBe(expected)
    }
  })

  it('sends again what the store did not keep of a chunk', async () => {
    const twoUnits = { thresholdBytes: 1, chunkBytes: 2 * chunkBytes }
    double.keepOnly(chunkBytes)
    await doubleSink(double, { resumable: twoUnits }).put(big, contextOf(big))
    expect(Buffer.compare(double.objects.get(path)!.data, big.data)).toBe(0)
    expect(double.requests[2]!.headers['content-range']).toBe(`bytes ${chunkBytes}-${3 * chunkBytes - 1}/${big.data.byteLength}`)
  })

  it.each([
    ['a damaged chunk', 'damage', true],
    ['a connection that breaks', 'reset', true],
    ['a connection that breaks in the middle', 'reset-mid-body', true],
    ['an answer that is lost', 'answer-lost', true],
    ['a store that is out of order', refusal(503, 'backendError', 'x', { headers: { 'retry-after': '2' } }), true],
    ['an upload that the store has ended', refusal(410, 'gone'), true],
    ['an upload that the store knows no more', refusal(404, 'notFound'), true],
    ['a denied permission', refusal(403, 'forbidden'), false],
  ] as const)('fails on %s, stores nothing, asks once, and begins anew', async (_what, fault, retryable) => {
    let chunks = 0
    double.setFault(({ operation }) => {
      if (operation !== 'chunk') return undefined
      chunks += 1
      return chunks === 3 ? fault : undefined
    })
    const sink = doubleSink(double, { resumable })
    const error = await sink.put(big, contextOf(big)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      retryable,
      ...(typeof fault === 'object' && fault.status === 503 ? { retryAfterMs: 2000 } : {}),
    })
    expect(double.objects.size).toBe(0)
    expect(operations().filter((operation) => operation === 'begin')).toHaveLength(1)
    await sink.put(big, contextOf(big))
    expect(Buffer.compare(double.objects.get(path)!.data, big.data)).toBe(0)
  })

  it('says that there is no bucket only of its beginning', async () => {
    double.setFault(({ operation }) => (operation === 'begin' ? refusal(404, 'notFound') : undefined))
    const putting = doubleSink(double, { resumable }).put(big, contextOf(big))
    await expect(putting).rejects.toMatchObject({ retryable: false, message: expect.stringContaining('no such bucket') })
  })

  it('does not go on to its last chunk when it was aborted in the middle', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    double.setFault(({ operation }) => {
      if (operation === 'chunk' && double.counts.chunks === 1) controller.abort(reason)
      return undefined
    })
    const sink = doubleSink(double, { resumable })
    await expect(sink.put(big, contextOf(big, { signal: controller.signal }))).rejects.toBe(reason)
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
    expect(double.objects.size).toBe(0)
    expect(double.counts.chunks).toBeLessThanOrEqual(2)
  })

  it('ends when it does not get on', async () => {
    double.setFault(({ operation }) => (operation === 'chunk' ? 'hang' : undefined))
    const putting = doubleSink(double, { resumable, timeoutMs: 100 }).put(big, contextOf(big))
    await expect(putting).rejects.toMatchObject({ code: 'SNAPMINT_SINK_TIMEOUT', retryable: true })
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
  })
})
