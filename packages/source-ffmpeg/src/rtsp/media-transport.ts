import { isIP } from 'node:net'
import { createReorderBuffer } from './reorder-buffer.js'
import type { RtspConnection } from './rtsp-connection.js'
import { headerParameters } from './rtsp-message.js'
import { openUdpPorts } from './udp-ports.js'

export type TransportKind = 'tcp' | 'udp'
export type MediaKind = 'rtp' | 'rtcp'

/** The way on which media comes. */
export interface MediaTransport {
  /** What SETUP asks for. */
  readonly request: string
  /** Takes the server's answer to SETUP. Returns false where it names another way than was asked for. */
  accept(answer: string): boolean
  /** What a packet on an interleaved channel is; undefined for a channel that was not agreed on. */
  kindOf(channel: number): MediaKind | undefined
  /** Sends a report. */
  sendReport(packet: Uint8Array): void
  close(): void
}

/** Media within the control connection. */
export function interleavedTransport(connection: RtspConnection): MediaTransport {
  let channels = [0, 1]
  return {
    request: 'RTP/AVP/TCP;unicast;interleaved=0-1',
    accept(answer) {
      const agreed = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(headerParameters(answer).get('interleaved') ?? '')
      if (agreed !== null) channels = [Number(agreed[1]), Number(agreed[2] ?? Number(agreed[1]) + 1)]
      return agreed !== null || /^RTP\/AVP\/TCP/i.test(answer)
    },
    kindOf: (channel) => (channel === channels[0] ? 'rtp' : channel === channels[1] ? 'rtcp' : undefined),
    sendReport: (packet) => connection.sendMedia(channels[1] as number, packet),
    close() {},
  }
}

/** The least of an RTP packet: it opens the way through a NAT, as other players do it. */
const opener = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

/** Media as datagrams, on the interface that reaches the server. */
export async function datagramTransport(
  connection: RtspConnection,
  onDatagram: (kind: MediaKind, bytes: Buffer) => void,
): Promise<MediaTransport> {
  let from = connection.remoteAddress()
  let serverPorts: readonly [number, number] | undefined
  const localAddress = connection.localAddress() ?? '0.0.0.0'
  const ordered = createReorderBuffer((bytes) => onDatagram('rtp', bytes))
  const take = (kind: MediaKind, bytes: Buffer) =>
    kind === 'rtp' ? ordered.take(bytes, performance.now()) : onDatagram(kind, bytes)
  const ports = await openUdpPorts({ localAddress, onDatagram: take, from: () => from })
  return {
    request: `RTP/AVP;unicast;client_port=${ports.rtpPort}-${ports.rtpPort + 1}`,
    accept(answer) {
      const parameters = headerParameters(answer)
      if (/^RTP\/AVP\/TCP/i.test(answer) || parameters.has('interleaved')) return false
      const source = parameters.get('source')
      if (source !== undefined && isIP(source) !== 0) from = source
      const agreed = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(parameters.get('server_port') ?? '')
      if (agreed !== null) serverPorts = validPorts(Number(agreed[1]), Number(agreed[2] ?? Number(agreed[1]) + 1))
      if (serverPorts !== undefined && from !== undefined) ports.send('rtp', opener, from, serverPorts[0])
      return true
    },
    kindOf: () => undefined,
    sendReport(packet) {
      if (serverPorts !== undefined && from !== undefined) ports.send('rtcp', packet, from, serverPorts[1])
    },
    close: ports.close,
  }
}

function validPorts(rtp: number, rtcp: number): readonly [number, number] | undefined {
  return [rtp, rtcp].every((port) => port > 0 && port < 65_536) ? [rtp, rtcp] : undefined
}
