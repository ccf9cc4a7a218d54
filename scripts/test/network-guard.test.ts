import dgram from 'node:dgram'
import { promises as dnsPromises, lookup, resolve4 } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLoopback, takeRefusals } from '../test-support/network-guard.js'

const refusal = (open: () => { on(event: 'error', listener: (error: Error) => void): unknown }) =>
  new Promise<string>((resolve) => open().on('error', ({ name }) => resolve(name)))

let server: http.Server
let port: number

beforeAll(async () => {
  server = http.createServer((_request, response) => response.end('here'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => void server.close())

describe('network guard', () => {
  it('refuses connections to other machines by address, and names them', async () => {
    expect(await refusal(() => net.connect(443, '192.0.2.1'))).toBe('NetworkGuardError')
    expect(await refusal(() => net.connect({ port: 443, host: '2001:db8::1' }))).toBe('NetworkGuardError')
    expect(await refusal(() => new net.Socket().connect(80, '169.254.169.254'))).toBe('NetworkGuardError')
    expect(takeRefusals()).toEqual([
      'A connection to 192.0.2.1',
      'A connection to 2001:db8::1',
      'A connection to 169.254.169.254',
    ])
  })

  it('refuses connections to other machines by name, over TLS, HTTP, HTTPS and fetch', async () => {
    expect(await refusal(() => tls.connect({ port: 443, host: 's3.us-east-1.amazonaws.com' }))).toBe('NetworkGuardError')
    expect(await refusal(() => http.get('http://storage.googleapis.com/'))).toBe('NetworkGuardError')
    expect(await refusal(() => https.get('https://firestore.googleapis.com/'))).toBe('NetworkGuardError')
    await expect(fetch('https://example.com/')).rejects.toMatchObject({ cause: { name: 'NetworkGuardError' } })
    expect(takeRefusals()).toHaveLength(4)
  })

  it('refuses to look up names, with a callback and with a promise', async () => {
    expect(await new Promise((resolve) => lookup('example.com', resolve))).toMatchObject({ name: 'NetworkGuardError' })
    expect(await new Promise((resolve) => resolve4('example.com', resolve))).toMatchObject({ name: 'NetworkGuardError' })
    await expect(dnsPromises.lookup('example.com')).rejects.toMatchObject({ name: 'NetworkGuardError' })
    await expect(new dnsPromises.Resolver().resolve4('example.com')).rejects.toMatchObject({ name: 'NetworkGuardError' })
    expect(takeRefusals()).toEqual(Array.from({ length: 4 }, () => 'Looking up example.com'))
  })

  it('refuses datagrams to other machines', () => {
    const socket = dgram.createSocket('udp4')
    expect(() => socket.send('hello', 53, '192.0.2.1')).toThrow('192.0.2.1')
    socket.close()
    expect(takeRefusals()).toEqual(['A datagram to 192.0.2.1'])
  })

  it('lets tests talk to this machine, by address, by name and by fetch', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const answer = await fetch(`http://${host}:${port}/`)
      expect(await answer.text()).toBe('here')
    }
    expect(takeRefusals()).toEqual([])
  })

  it('takes no name for this machine that only looks like it', () => {
    expect(['127.0.0.1', '::1', '[::1]', 'localhost'].filter(isLoopback)).toHaveLength(4)
    const others = ['127.0.0.1.example.com', 'localhost.example.com', 'bucket.localhost', '10.0.0.1', '128.0.0.1', '']
    expect(others.filter(isLoopback)).toEqual([])
  })
})
