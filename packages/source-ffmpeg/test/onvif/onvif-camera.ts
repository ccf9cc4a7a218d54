import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { selfSigned } from './self-signed.js'

export interface CameraProfileSetup {
  readonly token: string
  readonly name: string
  readonly encoding?: string
  readonly width?: number
  readonly height?: number
  readonly frameRate?: number
  /** What GetStreamUri answers; undefined: a fault. */
  readonly uri?: string | undefined
}

export interface OnvifCameraOptions {
  readonly username?: string
  readonly password?: string
  readonly profiles?: readonly CameraProfileSetup[]
  /** How far its clock is ahead. Signatures that are more than five seconds off by it are refused. */
  readonly clockOffsetMs?: number
  /** The host and port that it takes for its own. Default: the truth. */
  readonly announced?: string
  /** Old cameras know GetCapabilities only; new ones have Media2 as well. */
  readonly generation?: 'capabilities' | 'media' | 'media2'
  /** Speaks HTTPS with a certificate of its own. */
  readonly secure?: boolean
  /** How it checks users. */
  readonly authentication?: 'token' | 'digest'
  /** Answers instead of the camera; true when it has. */
  readonly intercept?: (request: { readonly action: string; readonly body: string }, response: ServerResponse) => boolean
}

export interface OnvifCamera {
  readonly port: number
  /** What was asked for, in order. */
  readonly actions: readonly string[]
  /** Everything that was sent, heads included. */
  readonly received: readonly string[]
  readonly connections: () => number
  close(): Promise<void>
}

const soap = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error"><env:Body>${body}</env:Body></env:Envelope>`
const fault = (subcode: string, reason: string) =>
  soap(
    `<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>${subcode}</env:Value></env:Subcode></env:Code><env:Reason><env:Text xml:lang="en">${reason}</env:Text></env:Reason></env:Fault>`,
  )

/** A small ONVIF camera (Profile S, and T where `generation` is `media2`) that really checks who asks. */
export async function startOnvifCamera(options: OnvifCameraOptions = {}): Promise<OnvifCamera> {
  const actions: string[] = []
  const received: string[] = []
  const sockets = new Set<Socket>()
  const listener: RequestListener = async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const action = /<(?:\w+:)?(Get\w+)[\s/>]/.exec(body.slice(body.indexOf('Body')))?.[1] ?? ''
    actions.push(action)
    received.push(`${JSON.stringify(request.headers)}\n${body}`)
    if (options.intercept?.({ action, body }, response) === true) return
    const { port } = server.address() as AddressInfo
    reply(options, { action, body, request, response, port })
  }
  const server = options.secure === true ? createSecureServer(selfSigned, listener) : createServer(listener)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    actions,
    received,
    connections: () => sockets.size,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface Exchange {
  readonly action: string
  readonly body: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly port: number
}

function reply(options: OnvifCameraOptions, { action, body, request, response, port }: Exchange): void {
  const { username, authentication = 'token', clockOffsetMs = 0, generation = 'media' } = options
  const send = (status: number, text: string) => response.writeHead(status, { 'content-type': 'application/soap+xml' }).end(text)
  // The core specification lets anybody ask for these two (5.9.4.3).
  const open = action === 'GetSystemDateAndTime' || (action === 'GetServices' && generation !== 'capabilities')
  if (username !== undefined && !open) {
    if (authentication === 'token' && !hasToken(options, body))
      return void send(400, fault('ter:NotAuthorized', 'Sender not Authorized'))
    if (authentication === 'digest' && !hasDigest(options, request)) {
      response.writeHead(401, { 'www-authenticate': 'Digest realm="camera", qop="auth", nonce="abc123"' }).end()
      return
    }
  }
  const here = options.announced ?? `127.0.0.1:${port}`
  const answer = answers[action]?.({ options, here, body, now: new Date(Date.now() + clockOffsetMs), generation })
  if (answer === undefined) send(500, fault('ter:ActionNotSupported', 'Optional Action Not Implemented'))
  else send(200, soap(answer))
}

interface Question {
  readonly options: OnvifCameraOptions
  readonly here: string
  readonly body: string
  readonly now: Date
  readonly generation: NonNullable<OnvifCameraOptions['generation']>
}

const answers: Readonly<Record<string, (question: Question) => string | undefined>> = {
  GetSystemDateAndTime: ({ now }) =>
    `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:UTCDateTime><tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`,
  GetServices({ here, generation }) {
    if (generation === 'capabilities') return undefined
    const service = (namespace: string, path: string) =>
      `<tds:Service><tds:Namespace>http://www.onvif.org/${namespace}/wsdl</tds:Namespace><tds:XAddr>http://${here}/onvif/${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>6</tt:Minor></tds:Version></tds:Service>`
    const media2 = generation === 'media2' ? service('ver20/media', 'media2') : ''
    return `<tds:GetServicesResponse>${service('ver10/device', 'device_service')}${service('ver10/media', 'media')}${media2}</tds:GetServicesResponse>`
  },
  GetCapabilities: ({ here }) =>
    `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device><tt:XAddr>http://${here}/onvif/device_service</tt:XAddr></tt:Device><tt:Media><tt:XAddr>http://${here}/onvif/media</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`,
  GetProfiles({ options, generation }) {
    const prefix = generation === 'media2' ? 'tr2' : 'trt'
    const list = (options.profiles ?? []).map((profile) => profileXml(profile, generation)).join('')
    return `<${prefix}:GetProfilesResponse>${list}</${prefix}:GetProfilesResponse>`
  },
  GetStreamUri({ options, body, generation }) {
    const token = /<ProfileToken>([^<]*)</.exec(body)?.[1]
    const uri = options.profiles?.find((profile) => profile.token === token)?.uri?.replaceAll('&', '&amp;')
    if (uri === undefined) return undefined
    if (generation === 'media2') return `<tr2:GetStreamUriResponse><tr2:Uri>${uri}</tr2:Uri></tr2:GetStreamUriResponse>`
    return `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${uri}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>`
  },
}

function profileXml({ token, name, encoding, width, height, frameRate }: CameraProfileSetup, generation: string): string {
  const source = `<tt:Name>src</tt:Name><tt:SourceToken>v0</tt:SourceToken>`
  const encoder = `<tt:Name>enc</tt:Name><tt:Encoding>${encoding}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>${frameRate}</tt:FrameRateLimit></tt:RateControl>`
  if (generation === 'media2')
    return `<tr2:Profiles token="${token}" fixed="true"><tr2:Name>${name}</tr2:Name><tr2:Configurations><tr2:VideoSource token="vs">${source}</tr2:VideoSource>${encoding === undefined ? '' : `<tr2:VideoEncoder token="ve">${encoder}</tr2:VideoEncoder>`}</tr2:Configurations></tr2:Profiles>`
  return `<trt:Profiles token="${token}" fixed="true"><tt:Name>${name}</tt:Name><tt:VideoSourceConfiguration token="vs">${source}</tt:VideoSourceConfiguration>${encoding === undefined ? '' : `<tt:VideoEncoderConfiguration token="ve">${encoder}</tt:VideoEncoderConfiguration>`}</trt:Profiles>`
}

/** WS-UsernameToken (OASIS): digest = base64(sha1(nonce + created + password)), and created is of now. */
function hasToken({ username, password = '', clockOffsetMs = 0 }: OnvifCameraOptions, body: string): boolean {
  const read = (name: string) => new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)<`).exec(body)?.[1] ?? ''
  const created = read('Created')
  const digest = createHash('sha1')
    .update(Buffer.from(read('Nonce'), 'base64'))
    .update(created + password)
  const fresh = Math.abs(Date.parse(created) - (Date.now() + clockOffsetMs)) < 5000
  return fresh && read('Username') === username && read('Password') === digest.digest('base64')
}

/** RFC 7616 with MD5 and qop=auth. */
function hasDigest({ username, password }: OnvifCameraOptions, { headers, method, url }: IncomingMessage): boolean {
  const read = (name: string) => new RegExp(`${name}="?([^",]*)`).exec(headers.authorization ?? '')?.[1] ?? ''
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const secret = md5(`${username}:camera:${password}`)
  const expected = md5([secret, 'abc123', read('nc'), read('cnonce'), 'auth', md5(`${method}:${url}`)].join(':'))
  return read('response') === expected
}
