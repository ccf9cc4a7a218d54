import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { openXServer } from '../../src/x11/open-x-server.js'

it('gives up a server that takes the connection and says nothing, and hangs up', async () => {
  let hungUp: () => void = () => {}
  const gone = new Promise<void>((resolve) => {
    hungUp = resolve
  })
  const server = createServer((socket) =>
    socket
      .on('error', () => {})
      .on('close', hungUp)
      .resume(),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const opening = openXServer(`127.0.0.1:${port - 6000}`, new AbortController().signal, 200)
  await expect(opening).rejects.toMatchObject({
    code: 'SNAPMINT_SOURCE_UNAVAILABLE',
    retryable: true,
    message: expect.stringContaining('does not answer within 0.2 s'),
  })
  await gone
})
