import { record, text } from './camera-profile.js'
import { createHostileXmlCheck } from './hostile-xml.js'
import type { OnvifLibrary } from './load-onvif.js'

/** A camera that answered. */
export interface DiscoveredCamera {
  /** What it calls itself in the network, the same after a restart: `urn:uuid:…`. */
  readonly id: string
  /** The address it answered from. */
  readonly host: string
  readonly port: number
  /** Of its device service. */
  readonly path: string
  /** Whether it wants HTTPS. */
  readonly secure: boolean
  readonly name: string | undefined
  readonly hardware: string | undefined
  readonly location: string | undefined
  /** All addresses of its device service that it announced. Some may lead nowhere. */
  readonly addresses: readonly string[]
}

/** An answer is never longer. */
const maxAnswerBytes = 32 * 1024

/** The cameras in a message of WS-Discovery: none when it is something else. */
export function readProbeMatches(
  { parseSOAPString, linerase }: OnvifLibrary,
  message: Uint8Array,
  sender: string,
): DiscoveredCamera[] {
  const xml = new TextDecoder().decode(message)
  if (message.length > maxAnswerBytes || createHostileXmlCheck()(xml)) return []
  let body: unknown
  try {
    // Read at once; a second call after an error is not of interest.
    parseSOAPString(xml, (error, data) => {
      if (error === null || error === undefined) body ??= linerase(data)
    })
  } catch {
    return []
  }
  const matches = record(record(body).probeMatches).probeMatch
  return (Array.isArray(matches) ? matches : [matches]).flatMap((match: unknown) => readMatch(record(match), sender) ?? [])
}

function readMatch(match: Readonly<Record<string, unknown>>, sender: string): DiscoveredCamera | undefined {
  const urls = (text(match.XAddrs) ?? '').split(/\s+/).flatMap((address) => {
    const url = URL.canParse(address) ? new URL(address) : undefined
    return url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : []
  })
  // Of several, the one that has been seen to work; else what was announced, at the address that has been.
  const url = urls.find(({ hostname }) => hostname === sender) ?? urls[0]
  if (url === undefined) return undefined
  const secure = url.protocol === 'https:'
  const scopes = (text(match.scopes) ?? '').split(/\s+/)
  return {
    id: text(record(match.endpointReference).address) ?? `${sender}:${url.port}${url.pathname}`,
    host: sender,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path: url.pathname,
    secure,
    name: scopeOf(scopes, 'name'),
    hardware: scopeOf(scopes, 'hardware'),
    location: scopeOf(scopes, 'location'),
    addresses: urls.map(({ protocol, host, pathname }) => `${protocol}//${host}${pathname}`),
  }
}

/** Scopes are URIs: `onvif://www.onvif.org/name/Front%20door`. */
function scopeOf(scopes: readonly string[], kind: string): string | undefined {
  const prefix = `onvif://www.onvif.org/${kind}/`
  const value = scopes.find((scope) => scope.toLowerCase().startsWith(prefix))?.slice(prefix.length)
  if (value === undefined || value === '') return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
