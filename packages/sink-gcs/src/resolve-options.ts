import {
  expectBoolean,
  expectHttpUrl,
  expectKnownOptions,
  expectNumber,
  expectObject,
  expectPositive,
  expectString,
  isHeaderText,
} from '@snapmint/core/adapter'
import type { GcsSinkOptions } from './gcs-sink-options.js'
import { expectMetadata } from './object-metadata.js'
import { expectUri } from './object-uri.js'

/** Options checked, defaults filled in. */
export type ResolvedGcsOptions = ReturnType<typeof resolveGcsOptions>

const known = [
  'bucket',
  'template',
  'constants',
  'prefix',
  'cacheControl',
  'metadata',
  'includeJobIds',
  'createOnly',
  'verify',
  'uri',
  'signedExpirySeconds',
  'resumable',
  'maxInFlight',
  'timeoutMs',
  'projectId',
  'apiEndpoint',
  'credentials',
  'storage',
] as const satisfies readonly (keyof GcsSinkOptions)[]

/** Chunks of a resumable upload are multiples of this. */
const chunkUnitBytes = 256 * 1024

/** @throws TypeError or RangeError that names the option. */
export function resolveGcsOptions(options: GcsSinkOptions) {
  expectKnownOptions('gcsSink', options, known)
  const bucketName = expectBucket(options.bucket)
  const { cacheControl, projectId, uri = 'gs', signedExpirySeconds = 3600 } = options
  const { metadata = {}, maxInFlight = 8, timeoutMs = 60_000 } = options
  for (const [name, text] of Object.entries({ cacheControl, projectId })) if (text !== undefined) expectHeader(name, text)
  if (options.apiEndpoint !== undefined) expectHttpUrl('apiEndpoint', options.apiEndpoint)
  expectMetadata(metadata)
  expectNumber('signedExpirySeconds', signedExpirySeconds, { min: 1, max: 604_800, integer: true })
  expectNumber('maxInFlight', maxInFlight, { min: 1, integer: true })
  expectPositive('timeoutMs', timeoutMs)
  expectNumber('timeoutMs', timeoutMs, { max: 2 ** 31 - 1 })
  expectUri(uri)
  expectAccess(options)
  const { includeJobIds = true, createOnly = false, verify = false } = options
  for (const [name, value] of Object.entries({ includeJobIds, createOnly, verify })) expectBoolean(name, value)
  return {
    ...options,
    bucketName,
    uri,
    signedExpirySeconds,
    metadata: { ...metadata },
    maxInFlight,
    timeoutMs,
    includeJobIds,
    createOnly,
    verify,
    resumable: resolveResumable(options),
  }
}

/** Its name. */
function expectBucket(bucket: GcsSinkOptions['bucket']): string {
  if (typeof bucket === 'object' && bucket !== null) {
    if (typeof bucket.file !== 'function' || typeof bucket.name !== 'string')
      throw new TypeError(
        'Expected `bucket` to be a name, or to have `name` and `file()` as a bucket of @google-cloud/storage has',
      )
    return bucket.name
  }
  expectString('bucket', bucket)
  if (/^[a-z0-9][\w.-]+$/i.test(bucket)) return bucket
  throw new TypeError(
    `Expected \`bucket\` to be the name of a bucket alone, got \`${bucket}\`: no gs:// before it, and folders belong into \`prefix\``,
  )
}

function expectHeader(name: string, text: string): void {
  expectString(name, text)
  if (!isHeaderText(text))
    throw new TypeError(`Expected \`${name}\` to be printable ASCII without spaces around it, got \`${JSON.stringify(text)}\``)
}

/** Who may store: the client that was given, or the credentials, or the SDK's own. */
function expectAccess({ bucket, storage, projectId, apiEndpoint, credentials }: GcsSinkOptions): void {
  if (storage !== undefined) {
    expectObject('storage', storage)
    if (typeof storage.bucket !== 'function')
      throw new TypeError('Expected `storage` to have `bucket()`, as `new Storage()` of @google-cloud/storage has')
    if (typeof bucket !== 'string')
      throw new TypeError('Give either `storage` and the name of the `bucket`, or the `bucket` itself')
  }
  if (storage !== undefined || typeof bucket !== 'string')
    for (const [name, value] of Object.entries({ projectId, apiEndpoint, credentials }))
      if (value !== undefined) throw new TypeError(`Give \`${name}\` to the client of yours: the sink cannot do it`)
  if (credentials === undefined) return
  expectObject('credentials', credentials)
  // Not expectString, which shows what it got.
  for (const name of ['client_email', 'private_key'] as const)
    if (typeof credentials[name] !== 'string' || credentials[name] === '')
      throw new TypeError(`Expected \`credentials.${name}\` to be a non-empty string`)
}

function resolveResumable({ resumable = {} }: GcsSinkOptions) {
  expectKnownOptions('resumable of gcsSink', resumable, ['thresholdBytes', 'chunkBytes'])
  const { thresholdBytes = 8 * 2 ** 20, chunkBytes = 8 * 2 ** 20 } = resumable
  expectNumber('resumable.thresholdBytes', thresholdBytes, { min: 1, integer: true })
  expectNumber('resumable.chunkBytes', chunkBytes, { min: chunkUnitBytes, integer: true })
  if (chunkBytes % chunkUnitBytes !== 0)
    throw new RangeError(`Expected \`resumable.chunkBytes\` to be a multiple of ${chunkUnitBytes}, got ${chunkBytes}`)
  return { thresholdBytes, chunkBytes }
}
