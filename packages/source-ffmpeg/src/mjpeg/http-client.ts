import { authorization, isStale } from '../auth/http-digest.js'
import { splitCredentials } from '../auth/url-credentials.js'
import { NeedsFfmpeg } from '../needs-ffmpeg.js'
import { askHttp, type HttpAnswer } from './http-answer.js'
import { inputError, type Named, statusError } from './http-error.js'

const maxRedirects = 5
/** The first request, the one with credentials, and one with a nonce that is not stale. */
const maxAnswers = 3
const commonFields = {
  'User-Agent': 'snapmint',
  Accept: '*/*',
  // A picture does not get smaller, and a stream would be held back.
  'Accept-Encoding': 'identity',
}

export interface HttpClientOptions {
  readonly url: string
  readonly named: Named
  /** A server that is silent for so long, in ms, is given up. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Asks for one thing, again and again. */
export interface HttpClient {
  /**
   * An answer of status 200. Its body has to be read or destroyed.
   * @throws SnapmintError for any other status, NeedsFfmpeg for what is no HTTP, Node's own errors when the connection fails; what `signal` aborted with.
   */
  get(): Promise<HttpAnswer>
}

/** Follows redirects and answers challenges. Credentials go to the host that they were given for and to no other; none are sent before they are asked for. */
export function createHttpClient({ url, named, timeoutMs, signal }: HttpClientOptions): HttpClient {
  const { url: plainUrl, credentials } = splitCredentials(url)
  if (!URL.canParse(plainUrl)) throw new NeedsFfmpeg('its address is of a kind that only FFmpeg may know')
  const home = new URL(plainUrl)
  let target = home
  let challenges: readonly string[] = []
  let nonceCount = 0

  function authorize(): string | undefined {
    if (credentials === undefined || challenges.length === 0 || !isHome(home, target)) return undefined
    nonceCount += 1
    return authorization({ challenges, method: 'GET', uri: target.pathname + target.search, credentials, nonceCount })
  }

  /** Logs in where that is asked for. */
  async function ask(): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const header = authorize()
      const fields = { ...commonFields, ...(header !== undefined && { Authorization: header }) }
      const answer = await askHttp({ url: target, fields, timeoutMs, signal })
      if (answer.status !== 401) return answer
      answer.destroy()
      challenges = answer.challenges
      nonceCount = 0
      const canLogIn = credentials !== undefined && isHome(home, target) && authorize() !== undefined
      nonceCount = 0
      // Twice refused, the credentials are wrong; unless it was for an old nonce.
      const mayAgain = header === undefined || (isStale(challenges) && attempt < maxAnswers)
      if (!canLogIn || !mayAgain) throw refused(answer, header !== undefined)
    }
  }

  const refused = ({ status, head }: HttpAnswer, loggedIn: boolean) =>
    statusError(named, status, head.get('retry-after'), loggedIn)

  return {
    async get() {
      for (let redirects = 0; ; redirects++) {
        const answer = await ask()
        const { status, head } = answer
        if (status === 200) return answer
        answer.destroy()
        const location = head.get('location')
        if (![301, 302, 303, 307, 308].includes(status) || location === undefined) throw refused(answer, challenges.length > 0)
        target = redirect(named, target, location, redirects)
      }
    },
  }
}

/** The same host, by the same or a better protected way. */
function isHome(home: URL, target: URL): boolean {
  if (home.hostname !== target.hostname) return false
  return home.origin === target.origin || (home.protocol === 'http:' && target.protocol === 'https:' && target.port === '')
}

function redirect(named: Named, from: URL, location: string, redirects: number): URL {
  const fail = (what: string) => inputError(named, 'SNAPMINT_SOURCE_UNAVAILABLE', `the server ${what}`)
  if (redirects >= maxRedirects) throw fail(`redirects more than ${maxRedirects} times`)
  if (!URL.canParse(location, from.href)) throw fail('redirects to an address that makes no sense')
  const target = new URL(location, from)
  if (target.protocol !== 'https:' && target.protocol !== from.protocol)
    throw fail(
      target.protocol === 'http:'
        ? 'redirects from https to http, which anybody can read: give the http address yourself if you want that'
        : `redirects to ${target.protocol}, which is not followed`,
    )
  target.username = ''
  target.password = ''
  return target
}
