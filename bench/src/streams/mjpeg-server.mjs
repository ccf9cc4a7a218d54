import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { counterOffset, counterSegment, writeCounter } from './frame-counter.mjs'

/* A process that pushes the JPEG files of a directory over HTTP as cameras do, again and again at 30 a second, to any number of viewers. Run with the directory; sends its port. */

const frameRate = 30
const maxBacklogBytes = 2 * 2 ** 20
const directory = /** @type {string} */ (process.argv[2])

const parts = readdirSync(directory)
  .filter((name) => name.endsWith('.jpg'))
  .sort()
  .map((name) => {
    const jpeg = readFileSync(join(directory, name))
    const whole = Buffer.concat([jpeg.subarray(0, 2), counterSegment(), jpeg.subarray(2)])
    const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${whole.length}\r\n\r\n`
    const bytes = Buffer.concat([Buffer.from(head), whole, Buffer.from('\r\n')])
    return { bytes, counterAt: counterOffset(bytes) }
  })

/** @type {Set<import('node:http').ServerResponse>} */
const viewers = new Set()
let sent = 0
let dropped = 0
let index = 0
const start = performance.now()

function tick() {
  for (; performance.now() >= start + (index * 1000) / frameRate; index++) {
    const { bytes, counterAt } = /** @type {(typeof parts)[number]} */ (parts[index % parts.length])
    writeCounter(bytes, counterAt, index)
    for (const response of viewers) {
      if (response.writableLength > maxBacklogBytes) {
        dropped += 1
        continue
      }
      sent += 1
      response.write(response.writableLength > 0 ? Buffer.from(bytes) : bytes)
    }
  }
  setTimeout(tick, Math.max(0, start + (index * 1000) / frameRate - performance.now()))
}

const server = createServer((_request, response) => {
  // Without a size or chunks, as cameras send it.
  response.useChunkedEncodingByDefault = false
  response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame', connection: 'close' })
  viewers.add(response)
  response.on('close', () => viewers.delete(response))
})

tick()
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
})
process.on('message', () => process.send?.({ sent, dropped, viewers: viewers.size }))
process.on('disconnect', () => process.exit())
