import { randomUUID } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expectKnownOptions, expectNumber, expectSignal, SnapmintError } from '@snapmint/core/adapter'
import { loadOnvif } from './load-onvif.js'
import { type DiscoveredCamera, readProbeMatches } from './probe-match.js'

export interface DiscoverCamerasOptions {
  /** How long to listen for answers, in ms. From 100 to 60,000. Default 3000. */
  readonly timeoutMs?: number | undefined
  /** This machine's IPv4 address in the network that is searched. Default: every network that it is in, one after the other at once. */
  readonly localAddress?: string | undefined
  /** Asks this IPv4 address alone, `10.0.7.12` or with a port, instead of all: for cameras in a network that multicast does not reach. */
  readonly address?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** WS-Discovery's group and port. */
const group = { address: '239.255.255.250', port: 3702 }
/** Cameras wait up to half a second before they answer; questions get lost. */
const askAgainAfterMs = 700
/** Nobody has so many; somebody who floods does. */
const maxAnswers = 2000

/**
 * Looks for ONVIF cameras in the local network (WS-Discovery) and resolves when the time is over. Each camera comes once, however often and from however many
 * addresses it answers. No credentials are needed, and none are sent. Anybody in the network can answer: check before you send them a password.
 *
 * The sockets are its own: those of the library onvif end only after their timeout, and its discovery ends the process on an answer that is no XML. The library
 * reads the answers.
 * @throws TypeError, RangeError for options that are wrong; `SNAPMINT_MISSING_DEPENDENCY`; `SNAPMINT_SOURCE_UNAVAILABLE` when no network can be asked;
 * the signal's reason.
 */
export async function discoverCameras(options: DiscoverCamerasOptions = {}): Promise<readonly DiscoveredCamera[]> {
  expectKnownOptions('discoverCameras', options, ['timeoutMs', 'localAddress', 'address', 'signal'])
  const { timeoutMs = 3000, localAddress, address, signal = new AbortController().signal } = options
  expectNumber('timeoutMs', timeoutMs, { min: 100, max: 60_000 })
  expectSignal('signal', signal)
  if (localAddress !== undefined && !isIPv4(localAddress))
    throw new TypeError('Expected `localAddress` to be an IPv4 address of this machine')
  const target = address === undefined ? group : parseAddress(address)
  const library = await loadOnvif()
  signal.throwIfAborted()
  const found = new Map<string, DiscoveredCamera>()
  let answers = 0
  function onMessage(message: Uint8Array, sender: { readonly address: string }): void {
    answers += 1
    if (answers > maxAnswers) return
    for (const camera of readProbeMatches(library, message, sender.address)) {
      const known = found.get(camera.id)
      // Of a camera in several networks, an address that it announces itself.
      if (known === undefined || (!announcesItself(known) && announcesItself(camera))) found.set(camera.id, camera)
    }
  }
  const locals = localAddress !== undefined ? [localAddress] : address !== undefined ? ['0.0.0.0'] : localAddresses()
  await ask({ locals, target, timeoutMs, signal, onMessage })
  return [...found.values()]
}

const announcesItself = ({ host, addresses }: DiscoveredCamera) => addresses.some((address) => new URL(address).hostname === host)

interface Question {
  readonly locals: readonly string[]
  readonly target: { readonly address: string; readonly port: number }
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onMessage: (message: Uint8Array, sender: { readonly address: string }) => void
}

/** Asks from each local address, listens until the time is over, and leaves nothing open. */
async function ask({ locals, target, timeoutMs, signal, onMessage }: Question): Promise<void> {
  const failures: unknown[] = []
  const sockets = new Set<Socket>()
  function drop(socket: Socket, error?: unknown): void {
    if (!sockets.delete(socket)) return
    socket.close()
    if (error !== undefined) failures.push(error)
  }
  function send(): void {
    for (const socket of sockets) {
      for (const probe of probes) socket.send(probe, target.port, target.address, (error) => error && drop(socket, error))
    }
  }
  const probes = ['dn:NetworkVideoTransmitter', 'tds:Device'].map(probeMessage)
  await new Promise<void>((resolve) => {
    const timers = [setTimeout(finish, timeoutMs), setTimeout(send, Math.min(askAgainAfterMs, timeoutMs / 2))]
    function finish(): void {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      for (const socket of sockets) drop(socket)
      resolve()
    }
    signal.addEventListener('abort', finish)
    let bound = 0
    for (const local of locals) {
      const socket = createSocket('udp4')
      sockets.add(socket)
      let isSettled = false
      const settle = () => {
        if (isSettled) return
        isSettled = true
        bound += 1
        if (bound === locals.length) send()
      }
      const fail = (error: unknown) => {
        drop(socket, error)
        if (sockets.size === 0) finish()
        else settle()
      }
      socket.on('error', fail)
      socket.on('message', onMessage)
      socket.bind(0, local, () => {
        try {
          if (local !== '0.0.0.0') socket.setMulticastInterface(local)
        } catch (error) {
          // The network has gone since it was listed.
          return fail(error)
        }
        settle()
      })
    }
  })
  signal.throwIfAborted()
  if (failures.length === locals.length) {
    const message = `No network can be asked for cameras: ${String((failures[0] as Error | undefined)?.message ?? 'this machine is in none')}`
    throw new SnapmintError('SNAPMINT_SOURCE_UNAVAILABLE', message, { adapter: 'onvif', retryable: true, cause: failures[0] })
  }
}

function localAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list = []) =>
    list.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  )
}

function parseAddress(text: unknown): { readonly address: string; readonly port: number } {
  const [, address = '', port = String(group.port)] =
    typeof text === 'string' ? (/^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []) : []
  if (!isIPv4(address) || Number(port) < 1 || Number(port) > 65_535)
    throw new TypeError('Expected `address` to be an IPv4 address, or one with a port, such as 10.0.7.12:3702')
  return { address, port: Number(port) }
}

/** OASIS WS-Discovery 2005/04, as the ONVIF core specification (7.3) wants it. */
function probeMessage(type: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">
<e:Header><w:MessageID>urn:uuid:${randomUUID()}</w:MessageID><w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To><w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>
<e:Body><d:Probe><d:Types>${type}</d:Types></d:Probe></e:Body>
</e:Envelope>`
}
