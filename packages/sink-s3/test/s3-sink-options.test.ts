import { describe, expect, it } from 'vitest'
import { s3Sink } from '../src/s3-sink.js'
import type { S3SinkOptions } from '../src/s3-sink-options.js'

const make = (options: Record<string, unknown>) => () => s3Sink({ bucket: 'pictures', ...options } as unknown as S3SinkOptions)

describe('options of s3Sink', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a misspelt option', { buckett: 'x' }, /Unknown option `buckett` for s3Sink/],
    ['no bucket', { bucket: '' }, /`bucket`/],
    ['a URI as bucket', { bucket: 's3://pictures' }, /no s3:\/\/ before it/],
    ['a bucket with a folder', { bucket: 'pictures/2026' }, /folders belong into `prefix`/],
    ['an endpoint without scheme', { endpoint: 'localhost:9000' }, /`endpoint` to be a URL with https/],
    ['an endpoint with a query', { endpoint: 'https://s3.example/?x=1' }, /`endpoint` to be a URL without/],
    ['a region of several lines', { region: 'us-east-1\r\nx: y' }, /`region` to be printable ASCII/],
    ['a region that is no string', { region: 5 }, /`region`/],
    ['a Cache-Control that splits headers', { cacheControl: 'a\r\nx-amz-acl: public-read' }, /`cacheControl`/],
    ['a flag that is no flag', { createOnly: 'yes' }, /`createOnly` to be true or false, got `"yes"` \(string\)/],
    ['an unknown placeholder', { template: '{who}.jpg' }, /Unknown placeholder \{who\}/],
    ['a template that begins with a slash', { template: '/{key}' }, /`template`.*empty segment/],
    ['a prefix with ..', { prefix: 'a/../b' }, /`prefix`.*"\.\."/],
    ['an empty prefix', { prefix: '' }, /`prefix`/],
    ['a prefix that begins with a slash', { prefix: '/a' }, /`prefix`/],
    ['a prefix beyond any key', { prefix: 'x'.repeat(1025) }, /longer than 1024 bytes/],
    ['metadata in upper case', { metadata: { Camera: 'x' } }, /lower-case letters/],
    ['metadata that splits headers', { metadata: { camera: 'a\nb' } }, /`metadata.camera`/],
    ['metadata outside ASCII', { metadata: { camera: 'Süd' } }, /`metadata.camera` to be printable ASCII/],
    ['metadata under a name of the sink', { metadata: { sha256: 'x' } }, /writes the metadata `sha256`/],
    ['too much metadata', { metadata: { note: 'x'.repeat(1021) } }, /at most 1024 bytes.*got 1025/],
    ['an unknown kind of uri', { uri: 'ftp' }, /`uri` to be one of/],
    ['a public base without scheme', { uri: { publicBaseUrl: 'cdn.example' } }, /`uri.publicBaseUrl`/],
    ['a URL for an access point', { bucket: 'arn:aws:s3:eu-west-1:1:accesspoint/p', uri: 'https' }, /ARN/],
    ['a presigned URL for longer than a week', { presignedExpirySeconds: 604_801 }, /from 1 to 604800/],
    ['unknown checksums', { checksums: 'sha512' }, /`checksums` to be one of/],
    ['no places', { maxInFlight: 0 }, /`maxInFlight`/],
    ['no time', { timeoutMs: 0 }, /`timeoutMs`/],
    ['more time than a timer holds', { timeoutMs: 2 ** 31 }, /`timeoutMs`/],
    ['parts that S3 refuses', { multipart: { partBytes: 1024 } }, /`multipart.partBytes` to be an integer from 5242880/],
    ['a misspelt option of multipart', { multipart: { parts: 2 } }, /Unknown option `parts`/],
    ['a client without the methods', { client: { send() {} } }, /`new S3Client\(\)` has not/],
    [
      'credentials beside a client',
      { client: { putObject() {} }, credentials: async () => ({}) },
      /Give the `credentials` to the `client`/,
    ],
  ])('refuses %s', (_what, options, message) => {
    expect(make(options)).toThrow(message)
  })

  it('shows neither a secret key nor a password that it refuses', () => {
    for (const options of [
      { credentials: { accessKeyId: '', secretAccessKey: 'hunter2' } },
      { credentials: { accessKeyId: 'A', secretAccessKey: 22_446_688 } },
      { endpoint: 'https://user:hunter2@s3.example' },
      { endpoint: 'ftp://user:hunter2@s3.example' },
    ]) {
      expect(make(options)).toThrow(/credentials|endpoint/)
      expect(make(options)).not.toThrow(/hunter2|22446688/)
    }
  })

  it('takes every option in its widest form, and starts nothing', () => {
    const sink = make({
      bucket: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/pictures',
      template: 'frames/{contract}/{seconds}.{ext}',
      constants: { contract: '0xabc' },
      prefix: 'a/b/',
      region: 'eu-west-1',
      endpoint: 'https://s3.example:9000/base',
      forcePathStyle: true,
      credentials: async () => ({ accessKeyId: 'A', secretAccessKey: 'B' }),
      cacheControl: 'public, max-age=31536000, immutable',
      metadata: { camera: 'north' },
      includeJobIds: false,
      createOnly: true,
      uri: { publicBaseUrl: 'https://cdn.example/pictures' },
      presignedExpirySeconds: 604_800,
      checksums: 'when_required',
      verify: true,
      multipart: { thresholdBytes: 5 * 2 ** 20, partBytes: 5 * 2 ** 20, maxInFlight: 1 },
      maxInFlight: 64,
      timeoutMs: 2 ** 31 - 1,
    })()
    expect(sink).toMatchObject({ specVersion: 1, adapter: 's3', maxInFlight: 64 })
  })

  it('does not change with the options object', async () => {
    const options = { bucket: 'pictures', metadata: { a: '1' } }
    const sink = s3Sink(Object.freeze(options))
    expect(sink.maxInFlight).toBe(8)
  })
})
