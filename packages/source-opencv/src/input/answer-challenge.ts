import { createHash, randomBytes } from 'node:crypto'

/** A request that was refused with 401, and who makes it. */
export interface ChallengedRequest {
  /** The value of the answer's `WWW-Authenticate` headers, joined with commas. */
  readonly challenges: string
  readonly method: 'GET' | 'DESCRIBE'
  /** As it stands in the request line. */
  readonly uri: string
  readonly username: string
  readonly password: string
  /** Default: random. */
  readonly clientNonce?: string | undefined
}

interface Challenge {
  readonly scheme: string
  readonly fields: Map<string, string>
}

/**
 * The `Authorization` of a second request: Digest with MD5 (RFC 7616, and RFC 2069 where there is no `qop`), else Basic: what FFmpeg answers, by which OpenCV reads streams.
 * @returns undefined when the server wants another kind.
 */
export function answerChallenge(request: ChallengedRequest): string | undefined {
  const challenges = parseChallenges(request.challenges)
  const digest = challenges.find(
    ({ scheme, fields }) => scheme === 'digest' && fields.has('nonce') && /^md5(-sess)?$/i.test(fields.get('algorithm') ?? 'md5'),
  )
  if (digest !== undefined) return answerDigest(digest, request)
  if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined
  return `Basic ${Buffer.from(`${request.username}:${request.password}`).toString('base64')}`
}

function answerDigest({ fields }: Challenge, request: ChallengedRequest): string {
  const { method, uri, username, password, clientNonce = randomBytes(8).toString('hex') } = request
  const [realm = '', nonce = '', opaque, algorithm] = ['realm', 'nonce', 'opaque', 'algorithm'].map((name) => fields.get(name))
  const hasQop = /\bauth(?!-)\b/i.test(fields.get('qop') ?? '')
  const isSession = /-sess$/i.test(algorithm ?? '')
  const user = md5(`${username}:${realm}:${password}`)
  const secret = isSession ? md5(`${user}:${nonce}:${clientNonce}`) : user
  const once = hasQop ? `${nonce}:00000001:${clientNonce}:auth` : nonce
  const parts = [
    `username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${md5(`${secret}:${once}:${md5(`${method}:${uri}`)}`)}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(hasQop ? ['qop=auth', 'nc=00000001'] : []),
    ...(hasQop || isSession ? [`cnonce=${quoted(clientNonce)}`] : []),
  ]
  return `Digest ${parts.join(', ')}`
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`

/** A name with a value belongs to the challenge before it; a name alone begins one. */
function parseChallenges(text: string): readonly Challenge[] {
  const challenges: Challenge[] = []
  for (const [, name = '', inQuotes, bare] of text.matchAll(/([\w-]+)(?:\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]*)))?/g)) {
    const value = inQuotes?.replace(/\\(.)/g, '$1') ?? bare
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), fields: new Map() })
    else challenges.at(-1)?.fields.set(name.toLowerCase(), value)
  }
  return challenges
}
