import { isIP } from 'node:net'
import {
  expectBoolean,
  expectKnownOptions,
  expectNumber,
  expectSignal,
  expectString,
  SnapmintError,
} from '@snapmint/core/adapter'
import { type CameraProfile, readProfiles, record, text } from './camera-profile.js'
import { type CameraSession, openCameraSession } from './camera-session.js'
import { loadOnvif } from './load-onvif.js'
import { hostOf, withHost, withoutCredentials } from './stream-credentials.js'

export interface CameraStreamUriOptions {
  /** The camera's name or address. */
  readonly host: string
  /** Of its device service. Default 80, or 443 with `secure`. */
  readonly port?: number | undefined
  /** Of its device service. Default `/onvif/device_service`. */
  readonly path?: string | undefined
  /** A user of the camera that may use ONVIF; many cameras have a list of their own for those. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Token or name of the profile that is wanted. Default: the first one with video that the camera lists, usually its best. */
  readonly profile?: string | undefined
  /** Puts `host` into the URIs in place of what the camera takes for its own address: behind NAT, or after a move. Default false. */
  readonly preserveAddress?: boolean | undefined
  /** Talks HTTPS. Default false. */
  readonly secure?: boolean | undefined
  /** With `secure`: whether the camera's certificate is checked. Most cameras sign their own. Default true. */
  readonly rejectUnauthorized?: boolean | undefined
  /** For all requests together, in ms. From 100 to 600,000. Default 10,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What {@link cameraStreamUri} found. */
export interface CameraStreamUri {
  /** Where the chosen profile is played from, without user and password: see `withCredentials`. */
  readonly uri: string
  readonly profile: CameraProfile
  /** All of the camera's profiles with video, in its order. */
  readonly profiles: readonly CameraProfile[]
  /** How far the camera's clock is ahead of this machine's, in ms; it tells whole seconds, and the way takes its time. */
  readonly clockOffsetMs: number
}

const known = [
  'host',
  'port',
  'path',
  'username',
  'password',
  'profile',
  'preserveAddress',
  'secure',
  'rejectUnauthorized',
  'timeoutMs',
  'signal',
] as const satisfies readonly (keyof CameraStreamUriOptions)[]

/**
 * Asks an ONVIF camera (Profile S or T) for its profiles and where each is played from. A camera whose clock is wrong is asked in its own time. The password is sent
 * as a digest only; it is in no error.
 * @throws TypeError, RangeError for options that are wrong; `SNAPMINT_MISSING_DEPENDENCY`; `SNAPMINT_SOURCE_UNAUTHORIZED`, `SNAPMINT_SOURCE_UNAVAILABLE` (no
 * answer), `SNAPMINT_SOURCE_UNREADABLE` (no ONVIF), `SNAPMINT_SOURCE_NOT_FOUND` (no such profile, no video); the signal's reason.
 */
export async function cameraStreamUri(options: CameraStreamUriOptions): Promise<CameraStreamUri> {
  validate(options)
  const { host, username, password, profile: wanted, secure = false, preserveAddress = false } = options
  const { port = secure ? 443 : 80, path = '/onvif/device_service', rejectUnauthorized = true, timeoutMs = 10_000 } = options
  const { signal = new AbortController().signal } = options
  signal.throwIfAborted()
  const library = await loadOnvif()
  const session = openCameraSession(library, {
    host,
    port,
    path,
    username,
    password,
    secure,
    rejectUnauthorized,
    timeoutMs,
    signal,
  })
  try {
    const clockOffsetMs = await readClock(session)
    await findServices(session)
    const answer = await session.ask('its profiles', (camera, done) => camera.getProfiles(done))
    const profiles: CameraProfile[] = []
    for (const profile of readProfiles(answer)) {
      const uri = await streamUri(session, profile.token, profile.name === wanted || profile.token === wanted)
      profiles.push({ ...profile, uri: uri === undefined ? undefined : addressed(uri, host, preserveAddress) })
    }
    const profile = choose(profiles, wanted, `${host}:${port}`)
    return { uri: profile.uri, profile, profiles, clockOffsetMs }
  } finally {
    session.close()
  }
}

/** First of all: the library signs with the camera's time from then on. */
async function readClock(session: CameraSession): Promise<number> {
  const time = await session.ask<Date>('its clock', (camera, done) => camera.getSystemDateAndTime(done))
  // A clock that was never set may read as no date.
  const offsetMs = time instanceof Date ? time.getTime() - Date.now() : 0
  return Number.isFinite(offsetMs) ? offsetMs : 0
}

/** GetServices, and for old cameras GetCapabilities; a refusal is not asked for twice. */
async function findServices(session: CameraSession): Promise<void> {
  try {
    await session.ask('its services', (camera, done) => camera.getServices(false, done))
  } catch (thrown) {
    if (!SnapmintError.isInstance(thrown) || thrown.code !== 'SNAPMINT_SOURCE_UNREADABLE') throw thrown
    await session.ask('its capabilities', (camera, done) => camera.getCapabilities(done))
  }
}

/** Whoever answers as a camera must not choose what else FFmpeg opens: files, pipes, other protocols. */
const streamScheme = /^(?:rtsps?|https?):/i

/** Undefined for a profile that cannot be streamed, which happens; not for one that is asked for, and not when the camera is gone. */
async function streamUri(session: CameraSession, token: string, needed: boolean): Promise<string | undefined> {
  try {
    const profileToken = token.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
    const answer = await session.ask('a stream', (camera, done) => camera.getStreamUri({ protocol: 'RTSP', profileToken }, done))
    const uri = text(record(answer).uri)
    return uri === undefined || !streamScheme.test(uri) ? undefined : withoutCredentials(uri)
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined
    if (!needed && SnapmintError.isInstance(thrown) && thrown.code === 'SNAPMINT_SOURCE_UNREADABLE') return undefined
    throw thrown
  }
}

/** "Any address" is none to connect to. */
function addressed(uri: string, host: string, preserveAddress: boolean): string {
  return preserveAddress || ['0.0.0.0', '::'].includes(hostOf(uri)) ? withHost(uri, host) : uri
}

function choose(
  profiles: readonly CameraProfile[],
  wanted: string | undefined,
  label: string,
): CameraProfile & { readonly uri: string } {
  const candidates = wanted === undefined ? profiles : profiles.filter(({ token, name }) => token === wanted || name === wanted)
  for (const { uri, ...profile } of candidates) if (uri !== undefined) return { ...profile, uri }
  const names = profiles.map(({ name, token }) => JSON.stringify(name === token ? name : `${name} (${token})`)).join(', ')
  const has = profiles.length === 0 ? 'it has none with video' : `it has ${names}`
  const what =
    wanted === undefined ? 'has no profile that can be played' : `has no profile ${JSON.stringify(wanted)} that can be played`
  throw new SnapmintError('SNAPMINT_SOURCE_NOT_FOUND', `Camera ${label} ${what}: ${has}`, { adapter: 'onvif', retryable: false })
}

function validate(options: CameraStreamUriOptions): void {
  expectKnownOptions('cameraStreamUri', options, known)
  const { host, port, path, username, password, profile, timeoutMs, signal } = options
  expectString('host', host)
  if (isIP(host) === 0 && !/^[\p{L}\p{N}_.-]+$/u.test(host))
    throw new TypeError('Expected `host` to be a name or an address, without port, path and credentials')
  if (port !== undefined) expectNumber('port', port, { min: 1, max: 65_535, integer: true })
  if (path !== undefined && (typeof path !== 'string' || !/^\/[\x21-\x7e]*$/.test(path)))
    throw new TypeError('Expected `path` to begin with a slash and to have no blanks')
  if (username !== undefined) expectString('username', username)
  if (password !== undefined && typeof password !== 'string')
    throw new TypeError(`Expected \`password\` to be a string, got ${typeof password}`)
  if (profile !== undefined) expectString('profile', profile)
  for (const name of ['preserveAddress', 'secure', 'rejectUnauthorized'] as const) {
    if (options[name] !== undefined) expectBoolean(name, options[name])
  }
  if (timeoutMs !== undefined) expectNumber('timeoutMs', timeoutMs, { min: 100, max: 600_000 })
  if (signal !== undefined) expectSignal('signal', signal)
}
