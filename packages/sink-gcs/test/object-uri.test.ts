import { Storage } from '@google-cloud/storage'
import { describe, expect, it } from 'vitest'
import type { GcsFileLike } from '../src/gcs-client.js'
import type { GcsSinkOptions } from '../src/gcs-sink-options.js'
import { objectUri } from '../src/object-uri.js'
import { resolveGcsOptions } from '../src/resolve-options.js'

const uriOf = (options: Partial<GcsSinkOptions>, key = 'easel/1.jpg', file = {} as GcsFileLike) =>
  objectUri(resolveGcsOptions({ bucket: 'pictures', ...options }), key, file)

const key = "Süd/a b%20#1?x(1)'!*~.jpg"

describe('object URI', () => {
  it('is gs://bucket/name by default, the name as it is', async () => {
    expect(await uriOf({}, key)).toBe(`gs://pictures/${key}`)
  })

  it('is below a public URL, the name encoded, with one slash between', async () => {
    for (const publicBaseUrl of ['https://cdn.example/p', 'https://cdn.example/p/'])
      expect(await uriOf({ uri: { publicBaseUrl } }, key)).toBe(
        'https://cdn.example/p/S%C3%BCd/a%20b%2520%231%3Fx%281%29%27%21%2A~.jpg',
      )
  })

  it.each(['https', 'public'] as const)("is the object that the SDK's public URL names, for %s", async (uri) => {
    for (const apiEndpoint of [undefined, 'http://127.0.0.1:9199/']) {
      const storage = new Storage({ projectId: 'demo', ...(apiEndpoint === undefined ? {} : { apiEndpoint }) })
      const file = storage.bucket('pictures').file(key)
      const theirs = file.publicUrl()
      const ours = await uriOf({ uri, apiEndpoint }, key)
      expect(await uriOf({ uri }, key, file)).toBe(ours)
      expect(decodeURIComponent(ours)).toBe(decodeURIComponent(theirs))
      expect(ours).toMatch(/\/pictures\/S%C3%BCd\/a%20b%2520%231%3Fx%281%29%27%21%2A~\.jpg$/)
    }
  })

  it('is signed by the client for as long as wanted', async () => {
    let asked: Parameters<GcsFileLike['getSignedUrl']>[0] | undefined
    const getSignedUrl: GcsFileLike['getSignedUrl'] = async (options) => {
      asked = options
      return ['https://signed']
    }
    const before = Date.now()
    expect(await uriOf({ uri: 'signed', signedExpirySeconds: 60 }, key, { getSignedUrl } as GcsFileLike)).toBe('https://signed')
    expect(asked).toMatchObject({ version: 'v4', action: 'read' })
    expect(asked!.expires).toBeGreaterThanOrEqual(before + 60_000)
    expect(asked!.expires).toBeLessThanOrEqual(Date.now() + 60_000)
  })
})
