import { expectHttpUrl, expectObject, expectOneOf } from '@snapmint/core/adapter'
import type { GcsFileLike } from './gcs-client.js'
import type { GcsUri } from './gcs-sink-options.js'
import type { ResolvedGcsOptions } from './resolve-options.js'

/** @throws TypeError */
export function expectUri(uri: GcsUri): void {
  if (typeof uri === 'object') {
    expectObject('uri', uri)
    expectHttpUrl('uri.publicBaseUrl', uri.publicBaseUrl)
    return
  }
  expectOneOf('uri', uri, ['gs', 'https', 'public', 'signed'])
}

/** Where a stored object is, in the form that the options want. */
export async function objectUri(options: ResolvedGcsOptions, key: string, file: GcsFileLike): Promise<string> {
  const { bucketName, uri, signedExpirySeconds, apiEndpoint } = options
  if (uri === 'gs') return `gs://${bucketName}/${key}`
  if (uri === 'signed') {
    const expires = Date.now() + signedExpirySeconds * 1000
    const [url] = await file.getSignedUrl({ version: 'v4', action: 'read', expires })
    return url
  }
  if (typeof uri === 'object') return `${uri.publicBaseUrl.replace(/\/+$/, '')}/${encodeKey(key)}`
  return `${(apiEndpoint ?? endpointOf(file)).replace(/\/+$/, '')}/${bucketName}/${encodeKey(key)}`
}

/** That of the client, which may talk to an emulator. Its own URL has the slashes of the name encoded. */
function endpointOf(file: GcsFileLike): string {
  const url = file.publicUrl?.()
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : 'https://storage.googleapis.com'
}

/** Everything but RFC 3986's unreserved characters is encoded, slashes stay. */
function encodeKey(key: string): string {
  return key
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/')
}
