import { type Credentials, splitCredentials } from '../auth/url-credentials.js'

const defaultPorts: Readonly<Record<string, number>> = { rtsp: 554, rtsps: 322 }

/** An RTSP URL, apart from who asks. */
export interface RtspUrl {
  /** Without user name and password: what requests name. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** RTSP over TLS. */
  readonly secure: boolean
  readonly credentials: Credentials | undefined
}

/** @returns undefined for what is no RTSP URL with a host. */
export function parseRtspUrl(text: string): RtspUrl | undefined {
  const { url, credentials } = splitCredentials(text.trim())
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port: givenPort, href } = new URL(url)
  const scheme = protocol.slice(0, -1)
  const port = Number(givenPort || defaultPorts[scheme])
  if (!Object.hasOwn(defaultPorts, scheme) || hostname === '' || port === 0) return undefined
  return {
    url: href.replace(/#.*$/, ''),
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    secure: scheme === 'rtsps',
    credentials,
  }
}

/**
 * The URL that a server names instead of its own. It is asked with the same credentials only if it is the same host, as safely connected: another one need not
 * learn them.
 */
export function redirectUrl(from: RtspUrl, location: string): RtspUrl | undefined {
  const to = parseRtspUrl(location)
  if (to === undefined || to.credentials !== undefined) return to
  const trusted = to.host === from.host && (to.secure || !from.secure)
  return trusted ? { ...to, credentials: from.credentials } : to
}
