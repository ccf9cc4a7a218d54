import { Storage } from '@google-cloud/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeBytes } from '../fixtures/make-picture.js'
import { createGcsDouble, type GcsDouble } from './gcs-double.js'
import { refusal } from './refusal.js'

let double: GcsDouble
let storage: Storage

beforeEach(async () => {
  double = await createGcsDouble()
  const retryOptions = { autoRetry: false, maxRetries: 0 }
  storage = new Storage({ apiEndpoint: double.endpoint, projectId: 'demo', retryOptions })
})

afterEach(() => double.close())

const data = Buffer.from(makeBytes(3 * 256 * 1024 + 5, 1))
const fileOf = (name: string, bucket = 'pictures') => storage.bucket(bucket).file(name)

/** A session of a resumable upload, and a way to send chunks to it that the SDK would not. */
async function openSession(name: string) {
  const [uri] = await fileOf(name).createResumableUpload()
  return async (range: string, body: Uint8Array<ArrayBuffer> = new Uint8Array(0)) => {
    const answer = await fetch(uri, { method: 'PUT', headers: { 'content-range': range }, body })
    await answer.arrayBuffer()
    return { status: answer.status, range: answer.headers.get('range') }
  }
}

describe('the double of Cloud Storage', () => {
  it.each([false, true])(
    "keeps what the SDK saves, and passes the SDK's own check of hashes, resumable: %s",
    async (resumable) => {
      const file = fileOf('Süd/a b#1.jpg')
      for (const validation of ['md5', 'crc32c'] as const)
        await file.save(data, { resumable, validation, contentType: 'image/png' })
      const [metadata] = await file.getMetadata()
      expect(metadata).toMatchObject({ name: 'Süd/a b#1.jpg', size: String(data.length), contentType: 'image/png' })
      const [bytes] = await file.download()
      expect(Buffer.compare(bytes, data)).toBe(0)
    },
  )

  it('refuses a wrong hash, a bucket that does not exist, and an object that is not there', async () => {
    for (const metadata of [{ md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' }, { crc32c: 'AAAAAA==' }])
      await expect(fileOf('a').save('x', { resumable: false, metadata })).rejects.toMatchObject({ code: 400 })
    await expect(fileOf('a', 'nowhere').save('x', { resumable: false })).rejects.toMatchObject({ code: 404 })
    await expect(fileOf('a').getMetadata()).rejects.toMatchObject({ code: 404 })
    expect(double.objects.size).toBe(0)
  })

  it('heeds generations, also when a resumable upload ends', async () => {
    const file = fileOf('a')
    const create = { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }
    await file.save('one', create)
    await expect(file.save('two', create)).rejects.toMatchObject({ code: 412 })
    const { generation } = double.objects.get('pictures/a')!
    await file.save('two', { resumable: false, preconditionOpts: { ifGenerationMatch: generation } })
    expect(double.objects.get('pictures/a')!.data.toString()).toBe('two')
  })

  it('refuses names and metadata beyond the limits', async () => {
    await expect(fileOf('x'.repeat(1025)).save('x', { resumable: false })).rejects.toMatchObject({ code: 400 })
    const metadata = { metadata: { a: 'x'.repeat(8192) } }
    await expect(fileOf('a').save('x', { resumable: false, metadata })).rejects.toMatchObject({ code: 400 })
  })

  it('says how far an upload is, and takes chunks in order and of whole units only', async () => {
    const send = await openSession('a')
    const unit = new Uint8Array(256 * 1024)
    expect(await send('bytes */*')).toEqual({ status: 308, range: null })
    expect((await send('bytes 0-99/*', unit.slice(0, 100))).status).toBe(400)
    expect(await send('bytes 0-262143/*', unit)).toEqual({ status: 308, range: 'bytes=0-262143' })
    expect(await send('bytes */*')).toEqual({ status: 308, range: 'bytes=0-262143' })
    expect((await send('bytes 0-262143/*', unit)).status).toBe(503)
    expect((await send('bytes 262144-262148/262149', unit)).status).toBe(400)
    expect((await send('nonsense', unit)).status).toBe(400)
    expect((await send('bytes 262144-262148/262149', unit.slice(0, 5))).status).toBe(200)
    expect(double.objects.get('pictures/a')!.data).toHaveLength(262_149)
    expect((await send('bytes */*')).status).toBe(404)
  })

  it('fails as it is told to', async () => {
    double.setFault(() => refusal(429, 'rateLimitExceeded', 'slower', { headers: { 'retry-after': '7' } }))
    const thrown = await fileOf('a')
      .save('x', { resumable: false })
      .catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 429, response: { headers: { 'retry-after': '7' } } })
    for (const fault of ['reset', 'reset-mid-body'] as const) {
      double.setFault(() => fault)
      await expect(fileOf('a').save('x', { resumable: false })).rejects.toMatchObject({ code: 'ECONNRESET' })
    }
    expect(double.objects.size).toBe(0)
    double.setFault(() => 'answer-lost')
    await expect(fileOf('a').save('x', { resumable: false })).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(double.objects.size).toBe(1)
  })

  it('knows what it does not know', async () => {
    const answer = await fetch(`${double.endpoint}/storage/v1/b/pictures`, { method: 'DELETE' })
    expect(answer.status).toBe(501)
    await answer.arrayBuffer()
  })
})
