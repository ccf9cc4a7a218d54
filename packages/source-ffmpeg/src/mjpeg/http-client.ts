import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest, Agent as SecureAgent } from 'node:https'
import { authorization, isStale } from '../auth/http-digest.js'
import { splitCredentials } from '../auth/url-credentials.js'
import { NeedsFfmpeg } from '../needs-ffmpeg.js'
import { inputError, type Named, statusError } from './http-error.js'

const maxRedirects = 5
/** The first request, the one with credentials, and one with a nonce that is not stale. */
const maxAnswers = 3

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
   * An answer of status 200. Its body has to be read or destroyed before the next call.
   * @throws SnapmintError for any other status, NeedsFfmpeg for what is no HTTP, Node's own errors when the connection fails; what `signal` aborted with.
   */
  get(): Promise<IncomingMessage>
  /** Closes connections that wait for the next call. */
  close(): void
}

/** Follows redirects and answers challenges. Credentials go to the host that they were given for and to no other; none are sent before they are asked for. */
export function createHttpClient({ url, named, timeoutMs, signal }: HttpClientOptions): HttpClient {
  const { url: plainUrl, credentials } = splitCredentials(url)
  if (!URL.canParse(plainUrl)) throw new NeedsFfmpeg('its address is of a kind that only FFmpeg may know')
  const home = new URL(plainUrl)
  const agents = { 'http:': new Agent({ keepAlive: true }), 'https:': new SecureAgent({ keepAlive: true }) }
  let target = home
  let challenges: readonly string[] = []
  let nonceCount = 0

  function authorize(): string | undefined {
    if (credentials === undefined || challenges.length === 0 || !isHome(home, target)) return undefined
    nonceCount += 1
    return authorization({ challenges, method: 'GET', uri: target.pathname + target.search, credentials, nonceCount })
  }

  function send(header: string | undefined): Promise<IncomingMessage> {
    const headers = {
      accept: '*/*',
      // A picture does not get smaller, and a stream would be held back.
      'accept-encoding': 'identity',
      'user-agent': 'snapmint',
      ...(header !== undefined && { authorization: header }),
    }
    const agent = agents[target.protocol as keyof typeof agents]
    return answerTo(target, { headers, agent }, timeoutMs, signal)
  }

  /** Logs in where that is asked for. */
  async function ask(): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const header = authorize()
      const response = await send(header)
      if (response.statusCode !== 401) return response
      const asked = response.headersDistinct['www-authenticate'] ?? []
      const again = header === undefined || (isStale(asked) && attempt < maxAnswers)
      challenges = asked
      nonceCount = 0
      const canLogIn = credentials !== undefined && asked.length > 0 && isHome(home, target)
      if (!again || !canLogIn) throw refused(response, header !== undefined)
      response.destroy()
    }
  }

  function refused(response: IncomingMessage, loggedIn: boolean): Error {
    response.destroy()
    return statusError(named, response.statusCode ?? 0, response.headers['retry-after'], loggedIn)
  }

  return {
    async get() {
      for (let redirects = 0; ; redirects++) {
        const response = await ask()
        const { statusCode = 0, headers } = response
        if (statusCode === 200) return response
        if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
          throw refused(response, challenges.length > 0)
        response.destroy()
        target = redirect(named, target, headers.location, redirects)
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
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

/** Sends one request. Fulfilled with the head of its answer; from then on, a silence of the server fails the body. */
function answerTo(url: URL, options: RequestOptions, timeoutMs: number, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Lenient, for cameras that end lines by a mere line feed; there is nobody between us to be misled by it.
    const settings = { ...options, signal, timeout: timeoutMs, insecureHTTPParser: true }
    const request = url.protocol === 'https:' ? httpsRequest(url, settings) : httpRequest(url, settings)
    let answer: IncomingMessage | undefined
    const giveUp = () => (answer ?? request).destroy(silence(timeoutMs))
    // A head that trickles in is no silence.
    const deadline = setTimeout(giveUp, timeoutMs)
    request.on('timeout', giveUp)
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline)
      // The server closed a connection that it had kept, just when it was used again.
      if (request.reusedSocket && answer === undefined && error.code === 'ECONNRESET')
        resolve(answerTo(url, options, timeoutMs, signal))
      else reject(error.code?.startsWith('HPE_') ? new NeedsFfmpeg(`its answer is no proper HTTP (${error.code})`) : error)
    })
    request.on('response', (response) => {
      clearTimeout(deadline)
      answer = response
      resolve(response)
    })
    request.end()
  })
}

function silence(timeoutMs: number): Error {
  return Object.assign(new Error(`it was silent for ${timeoutMs} ms`), { code: 'ETIMEDOUT' })
}
