import type { IncomingMessage } from 'node:http'

/** Hands on a body as it comes. Fulfilled at its end; rejected when the connection breaks, or `onChunk` throws. */
export function readBody(response: IncomingMessage, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    response.on('error', reject)
    response.on('end', resolve)
    response.on('data', (chunk: Buffer) => {
      try {
        onChunk(chunk)
      } catch (error) {
        response.destroy(error as Error)
      }
    })
  })
}
