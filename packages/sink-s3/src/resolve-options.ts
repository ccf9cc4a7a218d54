import {
  expectBoolean,
  expectHttpUrl,
  expectKnownOptions,
  expectNumber,
  expectObject,
  expectOneOf,
  expectPositive,
  expectString,
  isHeaderText,
} from '@snapmint/core/adapter'
import { expectMetadata } from './object-headers.js'
import { expectUri } from './object-uri.js'
import type { S3SinkOptions } from './s3-sink-options.js'

/** Options checked, defaults filled in. */
export type ResolvedS3Options = ReturnType<typeof resolveS3Options>

const known = [
  'bucket',
  'template',
  'constants',
  'prefix',
  'region',
  'endpoint',
  'forcePathStyle',
  'credentials',
  'cacheControl',
  'metadata',
  'includeJobIds',
  'createOnly',
  'uri',
  'presignedExpirySeconds',
  'checksums',
  'verify',
  'multipart',
  'maxInFlight',
  'timeoutMs',
  'client',
] as const satisfies readonly (keyof S3SinkOptions)[]

const mebibyte = 2 ** 20
/** What S3 takes for a part and for a body in one request. */
const partRange = { min: 5 * mebibyte, max: 5 * 2 ** 30, integer: true }

/** @throws TypeError or RangeError that names the option. */
export function resolveS3Options(options: S3SinkOptions) {
  expectKnownOptions('s3Sink', options, known)
  expectBucket(options.bucket)
  const { region, cacheControl, uri = 's3', checksums = 'when_supported', presignedExpirySeconds = 3600 } = options
  const { metadata = {}, maxInFlight = 8, timeoutMs = 60_000 } = options
  for (const [name, text] of Object.entries({ region, cacheControl })) if (text !== undefined) expectHeader(name, text)
  if (options.endpoint !== undefined) expectHttpUrl('endpoint', options.endpoint)
  expectMetadata(metadata)
  expectOneOf('checksums', checksums, ['when_supported', 'when_required'])
  expectNumber('presignedExpirySeconds', presignedExpirySeconds, { min: 1, max: 604_800, integer: true })
  expectNumber('maxInFlight', maxInFlight, { min: 1, integer: true })
  expectPositive('timeoutMs', timeoutMs)
  expectNumber('timeoutMs', timeoutMs, { max: 2 ** 31 - 1 })
  expectUri(uri, options)
  expectAccess(options)
  const { forcePathStyle = false, includeJobIds = true, createOnly = false, verify = false } = options
  for (const [name, value] of Object.entries({ forcePathStyle, includeJobIds, createOnly, verify })) expectBoolean(name, value)
  return {
    ...options,
    uri,
    checksums,
    presignedExpirySeconds,
    metadata: { ...metadata },
    maxInFlight,
    timeoutMs,
    forcePathStyle,
    includeJobIds,
    createOnly,
    verify,
    multipart: resolveMultipart(options),
  }
}

function expectBucket(bucket: string): void {
  expectString('bucket', bucket)
  if (bucket.startsWith('arn:') ? /^arn:[\w:/.-]+$/.test(bucket) : /^[\w.:-]+$/.test(bucket)) return
  throw new TypeError(
    `Expected \`bucket\` to be the name of a bucket alone, got \`${bucket}\`: no s3:// before it, and folders belong into \`prefix\``,
  )
}

function expectHeader(name: string, text: string): void {
  expectString(name, text)
  if (!isHeaderText(text))
    throw new TypeError(`Expected \`${name}\` to be printable ASCII without spaces around it, got \`${JSON.stringify(text)}\``)
}

/** Who may store: the client that was given, or the credentials, or the SDK's own chain. */
function expectAccess({ client, credentials }: S3SinkOptions): void {
  if (client !== undefined) {
    expectObject('client', client)
    if (typeof client.putObject !== 'function')
      throw new TypeError('Expected `client` to have the methods of S3LikeClient, as `new S3()` has; `new S3Client()` has not')
    if (credentials !== undefined) throw new TypeError('Give the `credentials` to the `client`: the sink cannot do it')
  }
  if (credentials === undefined || typeof credentials === 'function') return
  expectObject('credentials', credentials)
  // Not expectString, which shows what it got.
  for (const name of ['accessKeyId', 'secretAccessKey'] as const)
    if (typeof credentials[name] !== 'string' || credentials[name] === '')
      throw new TypeError(`Expected \`credentials.${name}\` to be a non-empty string`)
}

function resolveMultipart({ multipart = {} }: S3SinkOptions) {
  expectKnownOptions('multipart of s3Sink', multipart, ['thresholdBytes', 'partBytes', 'maxInFlight'])
  const { thresholdBytes = 32 * mebibyte, partBytes = 8 * mebibyte, maxInFlight = 4 } = multipart
  expectNumber('multipart.thresholdBytes', thresholdBytes, partRange)
  expectNumber('multipart.partBytes', partBytes, partRange)
  expectNumber('multipart.maxInFlight', maxInFlight, { min: 1, integer: true })
  return { thresholdBytes, partBytes, maxInFlight }
}
