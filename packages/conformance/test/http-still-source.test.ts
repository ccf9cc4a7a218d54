import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FrameSource } from '@snapmint/core/adapter'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { frameSourceConformance } from '../src/index.js'
import { tinyJpeg } from './reference/pictures.js'

/** The adapter that the project's style guide shows: a camera that serves its current picture. */
function httpStillSource({ url, intervalMs = 5 }: { readonly url: string; readonly intervalMs?: number }): FrameSource {
  return {
    specVersion: 1,
    adapter: 'http-still',
    async *frames({ signal, now }) {
      while (!signal.aborted) {
        const captureTime = now()
        const response = await fetch(url, { signal })
        yield { mimeType: 'image/jpeg', captureTime, data: new Uint8Array(await response.arrayBuffer()) }
        await sleep(intervalMs, undefined, { signal })
      }
    },
  }
}

let server: Server
let url = ''
beforeAll(async () => {
  let number = 0
  server = createServer((_request, response) => {
    number += 1
    response.end(tinyJpeg(`picture ${number}`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

// A real server in the same process, and no capability declared: the suite must not take the server's sockets for the adapter's.
frameSourceConformance({ describe, it, create: () => httpStillSource({ url }), timeoutMs: 20_000, endWithinMs: 10_000 })
