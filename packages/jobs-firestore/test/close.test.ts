import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { firestoreJobs } from '../src/index.js'

it('closes its own client though a request under way is never answered', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { FIRESTORE_EMULATOR_HOST: before } = process.env
  process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => {
    if (before === undefined) delete process.env.FIRESTORE_EMULATOR_HOST
    else process.env.FIRESTORE_EMULATOR_HOST = before
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const jobs = firestoreJobs({ projectId: 'demo-snapmint' })
  const controller = new AbortController()
  const { signal } = controller
  const claiming = jobs.claim({ max: 1, leaseMs: 30_000, signal }).catch((error: unknown) => error)
  await expect.poll(() => sockets.size, { timeout: 20_000 }).toBeGreaterThan(0)
  controller.abort('enough')
  expect(await claiming).toBe('enough')
  await expect(jobs.close?.()).resolves.toBeUndefined()
})
