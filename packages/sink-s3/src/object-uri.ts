import { isIP } from 'node:net'
import { expectHttpUrl, expectObject, expectOneOf } from '@snapmint/core/adapter'
import { presignGet } from './load-sdk.js'
import type { ResolvedS3Options } from './resolve-options.js'
import type { S3LikeClient } from './s3-client.js'
import type { S3SinkOptions, S3Uri } from './s3-sink-options.js'

/** @throws TypeError */
export function expectUri(uri: S3Uri, { bucket }: S3SinkOptions): void {
  if (typeof uri === 'object') {
    expectObject('uri', uri)
    expectHttpUrl('uri.publicBaseUrl', uri.publicBaseUrl)
    return
  }
  expectOneOf('uri', uri, ['s3', 'https', 'presigned'])
  if (uri === 'https' && bucket.startsWith('arn:'))
    throw new TypeError("An access point's ARN says nothing of its URL: use another `uri` than 'https'")
}

/** Where a stored object is, in the form that the options want. */
export async function objectUri(options: ResolvedS3Options, key: string, client: () => Promise<S3LikeClient>): Promise<string> {
  const { bucket, uri, presignedExpirySeconds } = options
  if (uri === 's3') return `s3://${bucket}/${key}`
  if (uri === 'https') return httpsUrl(options, key, client)
  if (uri === 'presigned') return presignGet(await client(), { Bucket: bucket, Key: key }, presignedExpirySeconds)
  return `${uri.publicBaseUrl.replace(/\/+$/, '')}/${encodeKey(key)}`
}

async function httpsUrl(options: ResolvedS3Options, key: string, client: () => Promise<S3LikeClient>): Promise<string> {
  const { bucket } = options
  const config = options.endpoint === undefined ? (await client()).config : undefined
  const forcePathStyle = options.forcePathStyle || config?.forcePathStyle === true
  const base = options.endpoint ?? (await clientEndpoint(config)) ?? amazonEndpoint(await regionOf(options, config))
  const { protocol, host, hostname, pathname } = new URL(base)
  const path = pathname.replace(/\/+$/, '')
  // As the SDK decides it: a name with a dot fits no certificate for *.host, one in upper case is no host name, and an IP address has no subdomains.
  const isHostName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)
  if (forcePathStyle || !isHostName || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0)
    return `${protocol}//${host}${path}/${encodeKey(bucket)}/${encodeKey(key)}`
  return `${protocol}//${bucket}.${host}${path}/${encodeKey(key)}`
}

/** Where a client goes that is not to go to AWS: it was told so, or finds it in AWS_ENDPOINT_URL or a profile. */
async function clientEndpoint(config: S3LikeClient['config']): Promise<string | undefined> {
  const endpoint = await config?.endpoint?.()
  if (endpoint === undefined) return config?.serviceConfiguredEndpoint?.()
  const { protocol, hostname, port, path } = endpoint
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`
}

const regionOf = async ({ region }: ResolvedS3Options, config: S3LikeClient['config']) =>
  region ?? (await config?.region?.()) ?? 'us-east-1'

const amazonEndpoint = (region: string) => `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`

/** As S3 wants it: everything but RFC 3986's unreserved characters is encoded, slashes stay. */
function encodeKey(key: string): string {
  return key
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/')
}
