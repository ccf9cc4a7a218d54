import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createRtpStream, senderReport, splitNals } from './rtp-frames.mjs'

/*
 * A process that plays a prepared H.264 file to any number of RTSP viewers over TCP, paced by its own clock and cheap: one write for each picture and viewer. Run with the file;
 * sends its port to its parent. Cameras are not in step: `/<n>` is one of eight streams, a few pictures and milliseconds apart.
 */

const frameRate = 30
const phases = 8
/** A viewer that lags by so many bytes loses pictures, as with real cameras. */
const maxBacklogBytes = 2 * 2 ** 20

const data = readFileSync(/** @type {string} */ (process.argv[2]))
const nals = splitNals(data)
const parameterSets = [7, 8].map((type) => nals.find((nal) => ((nal[0] ?? 0) & 0x1f) === type) ?? Buffer.alloc(0))
const sps = /** @type {Buffer} */ (parameterSets[0])
const description = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=bench',
  'c=IN IP4 0.0.0.0',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  `a=fmtp:96 packetization-mode=1;profile-level-id=${sps.toString('hex', 1, 4)};sprop-parameter-sets=${parameterSets.map((set) => set.toString('base64')).join(',')}`,
  `a=framerate:${frameRate}`,
  'a=control:track1',
  '',
].join('\r\n')

/** @type {Set<import('node:net').Socket>[]} */
const viewers = Array.from({ length: phases }, () => new Set())
let sent = 0
let dropped = 0

/** @param {number} phase */
function play(phase) {
  const stream = createRtpStream(data)
  const start = performance.now() + (phase * 1000) / frameRate / phases
  // By the time line of the pictures, however late a timer fires.
  const startEpochMs = Date.now() - performance.now() + start
  let index = Math.floor((phase * stream.frames) / phases)
  const first = index
  function tick() {
    for (; performance.now() >= start + ((index - first) * 1000) / frameRate; index++) {
      const bytes = stream.next(index, frameRate)
      const report =
        index % (frameRate * 2) === 0
          ? senderReport(startEpochMs + ((index - first) * 1000) / frameRate, Math.round((index * 90_000) / frameRate))
          : undefined
      for (const socket of viewers[phase] ?? []) {
        if (socket.writableLength > maxBacklogBytes) {
          dropped += 1
          continue
        }
        sent += 1
        if (report !== undefined) socket.write(report)
        // Copied: a picture that waits in the socket must not become that of the next round.
        socket.write(socket.writableLength > 0 ? Buffer.from(bytes) : bytes)
      }
    }
    setTimeout(tick, Math.max(0, start + ((index - first) * 1000) / frameRate - performance.now()))
  }
  tick()
}

const server = createServer({ noDelay: true }, (socket) => {
  let pending = ''
  let phase = 0
  const leave = () => viewers[phase]?.delete(socket)
  socket.on('error', () => {})
  socket.on('close', leave)
  socket.on('data', (chunk) => {
    // What viewers send besides requests are receiver reports.
    if (chunk[0] === 0x24) return
    pending += chunk.toString('latin1')
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      const text = pending.slice(0, end)
      pending = pending.slice(end + 4)
      const [, method, path] = /(\w+) rtsp:\/\/[^/ ]*(?:\/(\d+))?/.exec(text) ?? []
      const cseq = /^cseq:\s*(\d+)/im.exec(text)?.[1] ?? '0'
      const transport = /^transport:\s*(.+)$/im.exec(text)?.[1]
      const head = [`RTSP/1.0 200 OK`, `CSeq: ${cseq}`, 'Session: 1;timeout=60']
      if (method === 'OPTIONS') head.push('Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER')
      if (method === 'SETUP' && !/TCP/i.test(transport ?? '')) head[0] = 'RTSP/1.0 461 Unsupported Transport'
      else if (transport !== undefined) head.push('Transport: RTP/AVP/TCP;unicast;interleaved=0-1')
      const body = method === 'DESCRIBE' ? description : ''
      if (body !== '') head.push('Content-Type: application/sdp', `Content-Length: ${body.length}`)
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
      if (method === 'TEARDOWN') leave()
      if (method !== 'PLAY') continue
      phase = Number(path ?? 0) % phases
      viewers[phase]?.add(socket)
    }
  })
})

for (let phase = 0; phase < phases; phase++) play(phase)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
})
process.on('message', () => process.send?.({ sent, dropped, viewers: viewers.reduce((sum, set) => sum + set.size, 0) }))
process.on('disconnect', () => process.exit())
