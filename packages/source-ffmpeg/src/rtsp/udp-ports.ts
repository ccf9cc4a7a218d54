import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

const maxAttempts = 20
/** A key frame comes at once; the system's default holds a tenth of one. */
const receiveBufferBytes = 4 * 2 ** 20

export interface UdpPorts {
  /** Receives RTP; the next port receives RTCP. */
  readonly rtpPort: number
  /** Sends to the server's two ports, which also opens the way back through a NAT. */
  send(kind: 'rtp' | 'rtcp', packet: Uint8Array, host: string, port: number): void
  close(): void
}

export interface UdpPortsOptions {
  /** The interface that reaches the server. */
  readonly localAddress: string
  /** Called with each datagram that comes from `from()`; its bytes are the receiver's. */
  readonly onDatagram: (kind: 'rtp' | 'rtcp', bytes: Buffer) => void
  /** The address that may send; datagrams of others are ignored. */
  readonly from: () => string | undefined
}

/** Opens a pair of ports, an even one and the next (RFC 3550, 11). */
export async function openUdpPorts({ localAddress, onDatagram, from }: UdpPortsOptions): Promise<UdpPorts> {
  const open = (port: number) => bind(localAddress, port)
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const rtp = await open(0)
    const { port } = rtp.address()
    const rtcp = port % 2 === 0 ? await open(port + 1).catch(() => undefined) : undefined
    if (rtcp === undefined) rtp.close()
    else return pair(rtp, rtcp, onDatagram, from)
  }
  throw new Error('no two neighbouring UDP ports are free')
}

function pair(rtp: Socket, rtcp: Socket, onDatagram: UdpPortsOptions['onDatagram'], from: UdpPortsOptions['from']): UdpPorts {
  const sockets = { rtp, rtcp }
  for (const kind of ['rtp', 'rtcp'] as const) {
    sockets[kind].on('message', (bytes, { address }) => {
      if (address === from()) onDatagram(kind, bytes)
    })
    // Unreachable ports are reported here; what matters is whether media comes.
    sockets[kind].on('error', () => {})
  }
  return {
    rtpPort: rtp.address().port,
    send(kind, packet, host, port) {
      sockets[kind].send(packet, port, host, () => {})
    },
    close() {
      rtp.close()
      rtcp.close()
    },
  }
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' })
  try {
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  try {
    socket.setRecvBufferSize(receiveBufferBytes)
  } catch {
    // Not every system grants it.
  }
  return socket
}
