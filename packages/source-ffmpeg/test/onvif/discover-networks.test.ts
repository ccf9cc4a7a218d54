import { Socket } from 'node:dgram'
import { expect, it, onTestFinished, vi } from 'vitest'
import { discoverCameras } from '../../src/onvif/onvif.js'

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  networkInterfaces: () => ({ a: ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 'IPv4', internal: false })) }),
}))

it('asks when every network is ready, also when one fails after it was', async () => {
  const happened: string[] = []
  const bindReally = Socket.prototype.bind as (port: number, address: string, callback: () => void) => Socket
  const bind = vi.spyOn(Socket.prototype, 'bind').mockImplementation(function (this: Socket, ...args: unknown[]) {
    const [port, address, callback] = args as [number, string, () => void]
    const ready = () => {
      happened.push(`ready ${address}`)
      callback()
      if (address === '127.0.0.1') this.emit('error', new Error('network is down'))
    }
    setTimeout(() => bindReally.call(this, port, address, ready), address === '127.0.0.1' ? 0 : 40)
    return this
  })
  const send = vi.spyOn(Socket.prototype, 'send').mockImplementation(() => void happened.push('asked'))
  onTestFinished(() => {
    bind.mockRestore()
    send.mockRestore()
  })
  expect(await discoverCameras({ timeoutMs: 1000 })).toEqual([])
  // Two questions, and again after 500 ms.
  expect(happened).toEqual(['ready 127.0.0.1', 'ready 127.0.0.2', 'asked', 'asked', 'asked', 'asked'])
})
