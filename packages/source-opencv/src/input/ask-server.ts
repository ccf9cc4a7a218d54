import { connect } from 'node:net'
import { answerChallenge } from './answer-challenge.js'
import { type Authorize, askHttp } from './ask-http.js'
import { askRtsp } from './ask-rtsp.js'

/** What a server was found to do: its HTTP or RTSP status, `reachable` where nothing more can be told, or the system's error code. */
export type ServerAnswer =
  | {
      readonly status: number
      /** Where a redirect leads, as an absolute URL; it may hold secrets. */
      readonly location?: string | undefined
    }
  | { readonly reachable: true }
  | { readonly code: string }
  | { readonly silent: true }

const defaultPorts: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322, 'rtmp:': 1935, 'rtmps:': 443 }

/**
 * Asks a server once why it gives no video, since OpenCV does not say. The URL's credentials answer its challenge, so that a refusal is one of them, and what else is wrong is told
 * by the status.
 * @returns undefined when it cannot be asked.
 */
export async function askServer(url: string, timeoutMs: number): Promise<ServerAnswer | undefined> {
  const given = URL.canParse(url) ? new URL(url) : undefined
  if (given === undefined) return undefined
  const { target, authorize } = takeCredentials(given)
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const port = Number(target.port) || defaultPorts[target.protocol]
    if (/^https?:$/.test(target.protocol)) return withLocation(target, await askHttp(target, authorize, signal))
    if (port === undefined) return undefined
    if (target.protocol === 'rtsp:') return withLocation(target, await askRtsp(target, port, authorize, signal))
    await reach(target.hostname.replace(/^\[|\]$/g, ''), port, signal)
    return { reachable: true }
  } catch (thrown) {
    if (signal.aborted) return { silent: true }
    return { code: (thrown as NodeJS.ErrnoException).code ?? 'unknown' }
  }
}

function takeCredentials(url: URL): { readonly target: URL; readonly authorize: Authorize } {
  const target = new URL(url)
  target.username = ''
  target.password = ''
  const credentials = { username: decoded(url.username), password: decoded(url.password) }
  const isAnonymous = url.username === '' && url.password === ''
  return {
    target,
    authorize: (challenges, method, uri) =>
      isAnonymous ? undefined : answerChallenge({ challenges, method, uri, ...credentials }),
  }
}

/** A password may hold percent signs that begin no escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function withLocation(target: URL, { status, location }: { status: number; location: string | undefined }): ServerAnswer {
  if (location === undefined || !URL.canParse(location, target.href)) return { status }
  return { status, location: new URL(location, target).href }
}

function reach(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal })
    socket.on('error', reject)
    socket.on('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}
