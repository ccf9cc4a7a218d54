import { createHash, randomBytes } from 'node:crypto'
import type { Credentials } from './url-credentials.js'

/** What an `Authorization` header is made from. */
export interface AuthorizationRequest {
  /** The values of the answer's `WWW-Authenticate` headers; each may hold several challenges. */
  readonly challenges: string | readonly string[]
  /** `GET`, `DESCRIBE` … */
  readonly method: string
  /** As it stands in the request line. */
  readonly uri: string
  readonly credentials: Credentials
  /** How many requests, this one included, have used the challenge's nonce: from 1. */
  readonly nonceCount: number
  /** The client's own nonce. Default: random. */
  readonly clientNonce?: string | undefined
}

interface Challenge {
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

/** RFC 7616, the strongest first. */
const hashes: readonly (readonly [name: string, hash: string])[] = [
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
]

/**
 * Answers a challenge of HTTP or RTSP: the strongest Digest (RFC 7616: SHA-512-256, SHA-256, MD5, each with `-sess`; `qop` `auth`, `auth-int` without a body, or
 * none as in RFC 2069), else Basic (RFC 7617).
 * @returns the value of the `Authorization` header, or undefined when no challenge is of a kind that is known.
 */
export function authorization(request: AuthorizationRequest): string | undefined {
  const challenges = parseChallenges(request.challenges)
  for (const [name, hash] of hashes) {
    const challenge = challenges.find(
      ({ scheme, parameters }) =>
        scheme === 'digest' &&
        parameters.has('nonce') &&
        (parameters.get('algorithm') ?? 'MD5').toUpperCase().replace(/-SESS$/, '') === name,
    )
    if (challenge !== undefined) return digest(challenge.parameters, hash, request)
  }
  if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined
  const { username, password } = request.credentials
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/** Whether the server refused only because its nonce had become too old: the same credentials, asked again with the new nonce, may be right. */
export function isStale(challenges: string | readonly string[]): boolean {
  return parseChallenges(challenges).some(({ parameters }) => parameters.get('stale')?.toLowerCase() === 'true')
}

function digest(parameters: ReadonlyMap<string, string>, hash: string, request: AuthorizationRequest): string {
  const { method, uri, credentials, nonceCount, clientNonce = randomBytes(16).toString('hex') } = request
  const H = (text: string) => createHash(hash).update(text, 'utf8').digest('hex')
  const realm = parameters.get('realm') ?? ''
  const nonce = parameters.get('nonce') ?? ''
  const algorithm = parameters.get('algorithm')
  const offered =
    parameters
      .get('qop')
      ?.toLowerCase()
      .split(/[\s,]+/) ?? []
  const qop = offered.includes('auth') ? 'auth' : offered.includes('auth-int') ? 'auth-int' : undefined
  const count = nonceCount.toString(16).padStart(8, '0')
  const session = /-sess$/i.test(algorithm ?? '')

  const secret = H(`${credentials.username}:${realm}:${credentials.password}`)
  const A1 = session ? H(`${secret}:${nonce}:${clientNonce}`) : secret
  const A2 = H(qop === 'auth-int' ? `${method}:${uri}:${H('')}` : `${method}:${uri}`)
  const response = H(qop === undefined ? `${A1}:${nonce}:${A2}` : `${A1}:${nonce}:${count}:${clientNonce}:${qop}:${A2}`)

  const fields = [userField(credentials.username), `realm=${quote(realm)}`, `nonce=${quote(nonce)}`, `uri=${quote(uri)}`]
  fields.push(`response="${response}"`)
  if (algorithm !== undefined) fields.push(`algorithm=${algorithm}`)
  const opaque = parameters.get('opaque')
  if (opaque !== undefined) fields.push(`opaque=${quote(opaque)}`)
  if (qop !== undefined) fields.push(`qop=${qop}`, `nc=${count}`)
  if (qop !== undefined || session) fields.push(`cnonce=${quote(clientNonce)}`)
  return `Digest ${fields.join(', ')}`
}

/** A header is ASCII: other names travel as in RFC 5987. */
function userField(username: string): string {
  return /^[\x20-\x7e]*$/.test(username) ? `username=${quote(username)}` : `username*=UTF-8''${encodeURIComponent(username)}`
}

const quote = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`

/** One parameter, or the scheme that begins the next challenge. */
const item = /[\s,]*([^\s,="]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?\s*,?/gy

function parseChallenges(values: string | readonly string[]): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  for (const value of typeof values === 'string' ? [values] : values) {
    for (const [, name = '', quoted, token] of value.matchAll(item)) {
      const text = quoted?.replace(/\\(.)/g, '$1') ?? token
      if (text === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() })
      // The algorithm goes back unquoted: it must be a token.
      else if (!/^algorithm$/i.test(name) || /^[\w-]+$/.test(text)) challenges.at(-1)?.parameters.set(name.toLowerCase(), text)
    }
  }
  return challenges
}
