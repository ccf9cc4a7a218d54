import { createSocket } from 'node:dgram'

export interface DiscoveryResponder {
  readonly port: number
  readonly questions: readonly string[]
  close(): Promise<void>
}

/**
 * Answers each question of WS-Discovery with `answers`, one after the other. With `group` it listens for multicast on the loopback interface, on port 3702.
 */
export async function startDiscoveryResponder(
  answers: (question: string) => readonly (string | Uint8Array)[],
  { group = false } = {},
): Promise<DiscoveryResponder> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  const questions: string[] = []
  socket.on('message', (message, { port, address }) => {
    const question = message.toString()
    questions.push(question)
    for (const answer of answers(question)) socket.send(answer, port, address)
  })
  // Bound to the group's own address it hears nobody but the group; others on this machine may test as well.
  await new Promise<void>((resolve) => socket.bind(group ? 3702 : 0, group ? '239.255.255.250' : '127.0.0.1', resolve))
  if (group) socket.addMembership('239.255.255.250', '127.0.0.1')
  return {
    port: socket.address().port,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

export interface MatchSetup {
  readonly id?: string
  readonly addresses?: readonly string[]
  readonly scopes?: readonly string[]
}

const match = ({ id, addresses = [], scopes = [] }: MatchSetup) =>
  `<d:ProbeMatch>${id === undefined ? '' : `<wsa:EndpointReference><wsa:Address>${id}</wsa:Address></wsa:EndpointReference>`}<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>${scopes.join(' ')}</d:Scopes><d:XAddrs>${addresses.join(' ')}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>`

/** What cameras answer, as gSOAP writes it. */
export function probeMatches(...matches: readonly MatchSetup[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><SOAP-ENV:Header><wsa:MessageID>uuid:1</wsa:MessageID></SOAP-ENV:Header><SOAP-ENV:Body><d:ProbeMatches>${matches.map(match).join('')}</d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>`
}
