import { expectObject, expectString } from '@snapmint/core/adapter'

export interface StreamCredentials {
  readonly username: string
  readonly password: string
}

/** Scheme, user information up to the last `@` before the path, the rest. */
const parts = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^/?#]*)(.*)$/is

/**
 * Puts user and password into a stream's URI, percent-encoded, in place of any that are there: for `ffmpegSource({ input })`.
 * @throws TypeError when `uri` is no URI with a host.
 */
export function withCredentials(uri: string, credentials: StreamCredentials): string {
  expectObject('credentials', credentials)
  const { username, password } = credentials
  expectString('username', username)
  if (typeof password !== 'string') throw new TypeError(`Expected \`password\` to be a string, got ${typeof password}`)
  const [scheme, host, rest] = split(uri)
  return `${scheme}${encode(username)}:${encode(password)}@${host}${rest}`
}

/** @throws TypeError when `uri` is no URI with a host; the message does not repeat it. */
export function withoutCredentials(uri: string): string {
  return split(uri).join('')
}

/** Another host, name or address, in a URI that keeps its port. */
export function withHost(uri: string, hostname: string): string {
  const [scheme, host, rest] = split(uri)
  const port = /:\d*$/.exec(host)?.[0] ?? ''
  return `${scheme}${hostname.includes(':') ? `[${hostname}]` : hostname}${port}${rest}`
}

/** The host's name or address, an IPv6 address without its brackets. */
export function hostOf(uri: string): string {
  return split(uri)[1]
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}

function split(uri: string): readonly [scheme: string, host: string, rest: string] {
  const [, scheme, host, rest = ''] = typeof uri === 'string' ? (parts.exec(uri) ?? []) : []
  if (scheme === undefined || host === undefined || host === '')
    throw new TypeError('Expected `uri` to be a URI with a host, such as rtsp://10.0.0.7/stream1')
  return [scheme, host, rest]
}

/** Also what `encodeURIComponent` leaves: `'` and `(` have been misread in user information. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
