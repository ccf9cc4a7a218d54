import { SnapmintError } from '@snapmint/core/adapter'
import { parse, parseParams } from 'sdp-transform'
import { NeedsFfmpeg } from '../needs-ffmpeg.js'

const defaultClockRate = 90_000
/** RFC 3551: payload types with a fixed meaning. */
const staticCodecs: Readonly<Record<number, string>> = { 26: 'JPEG', 31: 'H261', 32: 'MPV', 33: 'MP2T', 34: 'H263' }

/** The video stream of an RTSP session, as its description (SDP, RFC 8866) announces it. */
export interface VideoTrack {
  readonly codec: 'H264' | 'H265'
  readonly payloadType: number
  /** Steps of RTP timestamps in a second. */
  readonly clockRate: number
  /** URL to set it up with. */
  readonly control: string
  /** URL that plays the whole session. */
  readonly sessionControl: string
  /** NAL units without start codes. */
  readonly parameterSets: readonly Uint8Array[]
}

interface Payload {
  readonly type: number
  readonly codec: string
  readonly clockRate: number
  readonly parameters: ReadonlyMap<string, string>
  readonly control: string | undefined
}

/**
 * Picks the first video stream that is H.264 or H.265.
 * @param text the SDP.
 * @param base what relative control URLs belong to.
 * @throws NeedsFfmpeg for video of another kind; `SNAPMINT_SOURCE_UNREADABLE` when there is none.
 */
export function pickVideo(text: string, base: string, label: string): VideoTrack {
  const session = parse(text)
  const payloads = session.media.filter(({ type }) => type === 'video').flatMap(payloadsOf)
  const chosen = payloads.find(({ codec }) => codec === 'H264' || codec === 'H265')
  if (chosen === undefined) {
    const [other] = payloads
    if (other !== undefined)
      throw new NeedsFfmpeg(`the stream is ${/^[\w.-]{1,20}$/.test(other.codec) ? other.codec : 'of an unknown kind'}`)
    const message = `Input "${label}": the server offers no video; choose another stream`
    throw new SnapmintError('SNAPMINT_SOURCE_UNREADABLE', message, { adapter: 'ffmpeg', retryable: true })
  }
  const { type, clockRate, parameters } = chosen
  const codec = chosen.codec as VideoTrack['codec']
  if (codec === 'H264' && parameters.get('packetization-mode') === '2') throw new NeedsFfmpeg('its packets are interleaved')
  if (Number(parameters.get('sprop-max-don-diff') ?? 0) > 0) throw new NeedsFfmpeg('its packets are out of order on purpose')
  const names = codec === 'H264' ? ['sprop-parameter-sets'] : ['sprop-vps', 'sprop-sps', 'sprop-pps']
  return {
    codec,
    payloadType: type,
    clockRate,
    control: resolveControl(base, chosen.control),
    sessionControl: resolveControl(base, textOf(session.control)),
    parameterSets: names.flatMap((name) => decodeSets(parameters.get(name))),
  }
}

type Media = ReturnType<typeof parse>['media'][number]

function payloadsOf(media: Media): Payload[] {
  const control = textOf(media.control)
  return String(media.payloads ?? '')
    .split(' ')
    .filter((text) => /^\d{1,3}$/.test(text))
    .map((text) => {
      const type = Number(text)
      const map = media.rtp.find(({ payload }) => payload === type)
      const format = media.fmtp.find(({ payload }) => payload === type)
      const codec = (map?.codec ?? staticCodecs[type] ?? '').toUpperCase()
      const rate = Number(map?.rate)
      const clockRate = rate >= 1000 ? rate : defaultClockRate
      return { type, codec: codec === 'HEVC' ? 'H265' : codec, clockRate, parameters: readParameters(format?.config), control }
    })
}

function readParameters(config: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(parseParams(textOf(config) ?? ''))
  return new Map(entries.map(([name, value]) => [name.trim().toLowerCase(), String(value).trim()]))
}

/** The parser makes numbers of what looks like one. */
function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}

function decodeSets(text = ''): Uint8Array[] {
  return text
    .split(',')
    .map((part) => Uint8Array.from(Buffer.from(part, 'base64')))
    .filter((set) => set.length > 1)
}

/**
 * RFC 2326, C.1.1, as cameras and players practise it: a relative URL is put behind the whole base, query included.
 */
export function resolveControl(base: string, control: string | undefined): string {
  const clean = control?.trim().replaceAll(/\s/g, '%20')
  if (clean === undefined || clean === '' || clean === '*') return base
  if (/^rtsps?:\/\//i.test(clean)) return clean.replace(/^(rtsps?:\/\/)[^/?#]*@/i, '$1')
  if (clean.startsWith('/')) return `${/^rtsps?:\/\/[^/?#]*/i.exec(base)?.[0] ?? ''}${clean}`
  return `${base}${base.endsWith('/') ? '' : '/'}${clean}`
}
