import type { EpochMs } from '@snapmint/core/adapter'
import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import { createLiveness } from './liveness.js'
import {
  datagramTransport,
  interleavedTransport,
  type MediaKind,
  type MediaTransport,
  type TransportKind,
} from './media-transport.js'
import { ProtocolViolation } from './message-splitter.js'
import { createRtspClient, type RtspClient } from './rtsp-client.js'
import type { RtspErrors } from './rtsp-error.js'
import { headerParameters, type RtspResponse } from './rtsp-message.js'
import { type RtspUrl, redirectUrl } from './rtsp-url.js'
import { pickVideo, type VideoTrack } from './session-description.js'

const maxRedirects = 5
const redirects = [301, 302, 303, 307, 308]
const unsupportedTransport = 461
const invalidRange = 457
/** RFC 2326, 12.37. */
const defaultSessionSeconds = 60
/** The farewell to a server that does not answer takes so long, in ms. */
const teardownMs = 500

/** Takes the packets of a stream. */
export interface MediaSink {
  /** Takes the packet `[start, end)`, just read and valid during the call. */
  take(kind: MediaKind, bytes: Buffer, start: number, end: number): void
  /** What the server is told of the reception; undefined for nothing. */
  report(now: EpochMs): Uint8Array | undefined
}

export interface RtspSessionOptions {
  readonly url: RtspUrl
  readonly label: string
  readonly transport: NonNullable<FfmpegSourceOptions['rtspTransport']>
  readonly timeoutMs: number
  readonly errors: RtspErrors
  readonly now: () => EpochMs
  /** Called once the stream is known, before any packet of it. */
  readonly openSink: (track: VideoTrack) => MediaSink
  /** Called at most once, when a session that plays has ended without being told to. */
  readonly onEnd: (error: Error) => void
}

/** One session with an RTSP server (RFC 2326). */
export function createRtspSession(options: RtspSessionOptions) {
  const { label, timeoutMs, errors, now, openSink } = options
  let client: RtspClient | undefined
  let transport: MediaTransport | undefined
  let sink: MediaSink | undefined
  let sessionUrl: string | undefined
  let state: 'opening' | 'playing' | 'over' = 'opening'
  const liveness = createLiveness({
    timeoutMs,
    onSilence: () => fail(errors.silence(timeoutMs)),
    onKeepAlive: () => void keepAlive().catch(() => {}),
    onReport: () => {
      const report = sink?.report(now())
      if (report !== undefined) transport?.sendReport(report)
    },
  })

  function fail(error: Error): void {
    if (state !== 'playing') return
    options.onEnd(error)
  }

  function connect(url: RtspUrl): RtspClient {
    return createRtspClient({
      ...url,
      timeoutMs,
      onMedia(channel, bytes, start, end) {
        const kind = transport?.kindOf(channel)
        if (kind !== undefined) deliver(kind, bytes, start, end)
      },
      onClose: (error) => fail(error instanceof ProtocolViolation ? explain(error) : errors.lost(error)),
    })
  }

  function deliver(kind: MediaKind, bytes: Buffer, start: number, end: number): void {
    if (state === 'over') return
    if (kind === 'rtp') liveness.feed()
    sink?.take(kind, bytes, start, end)
  }

  function onDatagram(kind: MediaKind, bytes: Buffer): void {
    deliver(kind, bytes, 0, bytes.length)
  }

  function explain(thrown: unknown): Error {
    if (thrown instanceof ProtocolViolation)
      return errors.error('SNAPMINT_SOURCE_UNREADABLE', `the server ${thrown.message}; check the port of the URL`, {
        cause: thrown,
      })
    return errors.ofConnecting(thrown)
  }

  /** Asks, and throws what the user can make sense of. */
  async function ask(method: string, url: string, headers: Readonly<Record<string, string>> = {}): Promise<RtspResponse> {
    try {
      if (client === undefined) throw new Error('there is no connection')
      return await client.ask(method, url, headers)
    } catch (thrown) {
      throw explain(thrown)
    }
  }

  async function describe(): Promise<{ url: RtspUrl; response: RtspResponse }> {
    let { url } = options
    for (let redirected = 0; redirected <= maxRedirects; redirected++) {
      client?.close()
      client = connect(url)
      const capabilities = await ask('OPTIONS', url.url)
      if (isUnauthorized(capabilities)) throw errors.ofStatus('OPTIONS', capabilities)
      const response = await ask('DESCRIBE', url.url, { Accept: 'application/sdp' })
      if (!redirects.includes(response.status)) return { url, response }
      const next = redirectUrl(url, response.headers.get('location')?.[0] ?? '')
      if (next === undefined) throw errors.ofStatus('DESCRIBE', response)
      url = next
    }
    throw errors.error(
      'SNAPMINT_SOURCE_UNAVAILABLE',
      `the server redirects more than ${maxRedirects} times; use the URL of the camera itself`,
    )
  }

  async function setUp(track: VideoTrack, secure: boolean): Promise<void> {
    const other = options.transport === 'tcp' ? 'udp' : 'tcp'
    // Datagrams would travel unencrypted beside an encrypted connection.
    const kinds: readonly TransportKind[] = secure ? ['tcp'] : [options.transport, other]
    for (const kind of kinds) {
      const candidate = kind === 'tcp' ? interleavedTransport(openClient()) : await datagramTransport(openClient(), onDatagram)
      transport?.close()
      transport = candidate
      const response = await ask('SETUP', track.control, { Transport: candidate.request })
      const agreed = response.status === 200 && candidate.accept(response.headers.get('transport')?.[0] ?? '')
      if (agreed) return begin(response)
      if (response.status === 200) await ask('TEARDOWN', track.sessionControl, { Session: sessionOf(response) })
      else if (response.status !== unsupportedTransport || kind === kinds.at(-1)) throw errors.ofStatus('SETUP', response)
    }
    throw errors.error('SNAPMINT_SOURCE_UNAVAILABLE', 'the server sends in no way that is supported; set `rtspTransport`')
  }

  function openClient(): RtspClient {
    if (client === undefined) throw new Error('there is no connection')
    return client
  }

  function begin(response: RtspResponse): void {
    const value = response.headers.get('session')?.[0] ?? ''
    client?.useSession(sessionOf(response))
    const seconds = Number(headerParameters(value).get('timeout'))
    liveness.start((seconds > 0 ? seconds : defaultSessionSeconds) * 1000)
  }

  async function play(url: string): Promise<void> {
    let response = await ask('PLAY', url, { Range: 'npt=0.000-' })
    if (response.status === invalidRange) response = await ask('PLAY', url)
    if (response.status !== 200) throw errors.ofStatus('PLAY', response)
  }

  async function keepAlive(): Promise<void> {
    const method = client?.supports('GET_PARAMETER') ? 'GET_PARAMETER' : 'OPTIONS'
    const { status } = await ask(method, sessionUrl ?? options.url.url)
    if (status === 454) fail(errors.error('SNAPMINT_SOURCE_ENDED', 'the server has ended the session'))
    else if (status !== 200) client?.forget(method)
  }

  return {
    /** Resolves when the server plays. Rejects with what is in the way: NeedsFfmpeg, or an error of the source. */
    async start(): Promise<void> {
      const { url, response } = await describe()
      if (response.status !== 200) throw errors.ofStatus('DESCRIBE', response)
      const base = response.headers.get('content-base')?.[0] ?? response.headers.get('content-location')?.[0] ?? url.url
      const track = pickVideo(response.body, base, label)
      sink = openSink(track)
      sessionUrl = track.sessionControl
      await setUp(track, url.secure)
      if (state === 'over') return
      state = 'playing'
      await play(track.sessionControl)
    },
    /** Says farewell, within bounded time, and closes everything. Idempotent. */
    async stop(): Promise<void> {
      if (state === 'over') return
      state = 'over'
      liveness.stop()
      if (client?.hasSession() && sessionUrl !== undefined) await client.leave(sessionUrl, teardownMs)
      client?.close()
      transport?.close()
    },
  }
}

export type RtspSession = ReturnType<typeof createRtspSession>

const isUnauthorized = ({ status }: RtspResponse) => status === 401 || status === 403
const sessionOf = (response: RtspResponse) => headerParameters(response.headers.get('session')?.[0] ?? '').get('') ?? ''
