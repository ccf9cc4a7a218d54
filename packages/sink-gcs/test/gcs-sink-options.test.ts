import { describe, expect, it } from 'vitest'
import { gcsSink } from '../src/gcs-sink.js'
import type { GcsSinkOptions } from '../src/gcs-sink-options.js'

/** Options as JavaScript may give them. */
const make = (options: Record<string, unknown>) => () => gcsSink({ bucket: 'pictures', ...options } as GcsSinkOptions)

const file = () => {}

describe('options of gcsSink', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a misspelt option', { buket: 'x' }, /Unknown option `buket`/],
    ['no bucket', { bucket: undefined }, /`bucket`/],
    ['a URL as bucket', { bucket: 'gs://pictures' }, /no gs:\/\/ before it/],
    ['a folder in the bucket', { bucket: 'pictures/frames' }, /belong into `prefix`/],
    ['what is no bucket', { bucket: {} }, /`name` and `file\(\)`/],
    ['a template without placeholders known', { template: '{nothing}' }, /nothing/],
    ['a template with ..', { template: '../{key}' }, /`template`.*"\.\."/],
    ['an empty prefix', { prefix: '' }, /`prefix`/],
    ['a prefix that begins with a slash', { prefix: '/a' }, /`prefix`/],
    ['a prefix that Google keeps', { prefix: '.well-known/acme-challenge/x' }, /keeps such names/],
    ['a cacheControl that splits headers', { cacheControl: 'a\nb' }, /`cacheControl`/],
    ['metadata with spaces in names', { metadata: { 'a b': 'x' } }, /letters, digits and hyphens/],
    ['metadata outside ASCII', { metadata: { camera: 'Süd' } }, /`metadata.camera` to be printable ASCII/],
    ['metadata under a name of the sink', { metadata: { SHA256: 'x' } }, /writes the metadata `SHA256`/],
    ['too much metadata', { metadata: { note: 'x'.repeat(4093) } }, /at most 4096 bytes.*got 4097/],
    ['createOnly that is no flag', { createOnly: 'yes' }, /`createOnly` to be true or false/],
    ['an unknown kind of uri', { uri: 'ftp' }, /`uri` to be one of/],
    ['a public base without scheme', { uri: { publicBaseUrl: 'cdn.example' } }, /`uri.publicBaseUrl`/],
    ['a signed URL for longer than a week', { signedExpirySeconds: 604_801 }, /from 1 to 604800/],
    ['no places', { maxInFlight: 0 }, /`maxInFlight`/],
    ['no time', { timeoutMs: 0 }, /`timeoutMs`/],
    ['more time than a timer holds', { timeoutMs: 2 ** 31 }, /`timeoutMs`/],
    ['a misspelt option of resumable', { resumable: { chunks: 2 } }, /Unknown option `chunks`/],
    ['chunks that are no multiple', { resumable: { chunkBytes: 300_000 } }, /multiple of 262144/],
    ['a threshold of nothing', { resumable: { thresholdBytes: 0 } }, /`resumable.thresholdBytes`/],
    ['a storage without buckets', { storage: {} }, /`storage` to have `bucket\(\)`/],
    ['a storage beside a bucket of its own', { storage: { bucket() {} }, bucket: { name: 'b', file } }, /Give either `storage`/],
    ['a project for a storage', { storage: { bucket() {} }, projectId: 'p' }, /Give `projectId` to the client/],
    ['an endpoint for a bucket', { bucket: { name: 'b', file }, apiEndpoint: 'http://x' }, /Give `apiEndpoint` to the client/],
  ])('refuses %s', (_what, options, message) => {
    expect(make(options)).toThrow(message)
  })

  it('shows neither a private key nor a password that it refuses', () => {
    for (const options of [
      { credentials: { client_email: '', private_key: 'hunter2' } },
      { credentials: { client_email: 'a@b', private_key: 22_446_688 } },
      { apiEndpoint: 'https://user:hunter2@storage.example' },
    ]) {
      expect(make(options)).toThrow(/credentials|apiEndpoint/)
      expect(make(options)).not.toThrow(/hunter2|22446688/)
    }
  })

  it('takes every option in its widest form, and starts nothing', () => {
    const sink = make({
      bucket: 'demo.appspot.com',
      template: 'frames/{contract}/{seconds}.jpg',
      constants: { contract: '0xabc' },
      prefix: 'a/b/',
      cacheControl: 'public, max-age=31536000, immutable',
      metadata: { Camera_1: 'north' },
      includeJobIds: false,
      createOnly: true,
      verify: true,
      uri: { publicBaseUrl: 'https://cdn.example/pictures' },
      signedExpirySeconds: 604_800,
      resumable: { thresholdBytes: 1, chunkBytes: 256 * 1024 },
      maxInFlight: 64,
      timeoutMs: 2 ** 31 - 1,
      projectId: 'demo',
      apiEndpoint: 'https://storage.example:9000',
      credentials: { client_email: 'a@b', private_key: 'k' },
    })()
    expect(sink).toMatchObject({ specVersion: 1, adapter: 'gcs', maxInFlight: 64 })
  })

  it('leaves the options object as it is', () => {
    expect(gcsSink(Object.freeze({ bucket: 'pictures', metadata: Object.freeze({ a: '1' }) })).maxInFlight).toBe(8)
  })
})
