import { parseHead, type RtspResponse, type RtspServerRequest } from './rtsp-message.js'

/** Media that travels in the control connection: `$`, channel, length (RFC 2326, 10.12). */
const dollar = 0x24
const frameHeadBytes = 4
const maxHeadBytes = 64 * 1024
const maxBodyBytes = 256 * 1024
/** A server that sends so many bytes that are neither RTSP nor media is given up. */
const maxGarbageBytes = 256 * 1024
const firstRoomBytes = 128 * 1024
const headEnd = Buffer.from('\r\n\r\n')
/** First letters of what a server may send: its answers, and requests of its own. */
const beginnings = ['RTSP/', 'OPTIO', 'ANNOU', 'SET_P', 'GET_P', 'REDIR', 'TEARD', 'DESCR', 'PLAY_', 'PAUSE', 'PLAY ', 'SETUP']
const beginningBytes = 5

export interface MessageSplitterOptions {
  /** Media on an interleaved channel: `[start, end)` of `bytes`, valid during the call. */
  readonly onMedia: (channel: number, bytes: Buffer, start: number, end: number) => void
  readonly onResponse: (response: RtspResponse) => void
  readonly onRequest: (request: RtspServerRequest) => void
}

/** What a server sends is not RTSP, or beyond all measure. The message is the end of a sentence. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation'
}

/**
 * Takes what comes through a control connection apart into media and messages. Media is handed on from where it was read; only a packet that two reads share is
 * copied.
 */
export function createMessageSplitter({ onMedia, onResponse, onRequest }: MessageSplitterOptions) {
  let rest = Buffer.allocUnsafeSlow(firstRoomBytes)
  let held = 0
  let garbage = 0
  let hadMessage = false

  function keep(bytes: Buffer, start: number, end: number): void {
    const length = end - start
    if (held + length > rest.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(held + length, rest.length * 2))
      rest.copy(larger, 0, 0, held)
      rest = larger
    }
    bytes.copy(rest, held, start, end)
    held += length
  }

  /** Takes all complete messages of `[start, end)`. Returns where the first incomplete one begins. */
  function takeAll(bytes: Buffer, start: number, end: number): number {
    let position = start
    while (position < end) {
      const next = takeOne(bytes, position, end)
      if (next === position) break
      position = next
    }
    return position
  }

  function takeOne(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] === dollar && (garbage === 0 || looksLikeMedia(bytes, start, end))) {
      if (end - start < frameHeadBytes) return start
      const stop = start + frameHeadBytes + bytes.readUInt16BE(start + 2)
      if (stop > end) return start
      garbage = 0
      onMedia(bytes[start + 1] as number, bytes, start + frameHeadBytes, stop)
      return stop
    }
    if (looksLikeMessage(bytes, start, end)) return takeMessage(bytes, start, end)
    return skipGarbage(bytes, start)
  }

  /** Line breaks between messages are common, and harmless. */
  function skipGarbage(bytes: Buffer, start: number): number {
    const byte = bytes[start]
    if (byte === 13 || byte === 10) return start + 1
    garbage += 1
    if (!hadMessage) throw new ProtocolViolation('answers with something else than RTSP')
    if (garbage > maxGarbageBytes) throw new ProtocolViolation('sends something else than RTSP')
    return start + 1
  }

  function takeMessage(bytes: Buffer, start: number, end: number): number {
    const found = bytes.subarray(0, end).indexOf(headEnd, start)
    if (found < 0 || found - start > maxHeadBytes) {
      if (end - start > maxHeadBytes) throw new ProtocolViolation(`sends a head of more than ${maxHeadBytes} bytes`)
      return start
    }
    const message = parseHead(bytes.toString('utf8', start, found))
    const bodyStart = found + headEnd.length
    if (message === undefined) return skipGarbage(bytes, start)
    const length = Number(message.headers.get('content-length')?.[0] ?? 0)
    if (!(length >= 0 && length <= maxBodyBytes)) throw new ProtocolViolation(`sends a body of more than ${maxBodyBytes} bytes`)
    if (bodyStart + length > end) return start
    garbage = 0
    hadMessage = true
    if ('status' in message) onResponse({ ...message, body: bytes.toString('utf8', bodyStart, bodyStart + length) })
    else onRequest(message)
    return bodyStart + length
  }

  /** Completes the packet whose beginning is held. Returns how far `bytes` was used. */
  function complete(bytes: Buffer, end: number): number {
    let position = 0
    for (const wanted of [frameHeadBytes, () => frameHeadBytes + rest.readUInt16BE(2)]) {
      const missing = (typeof wanted === 'number' ? wanted : wanted()) - held
      if (missing <= 0) continue
      const stop = Math.min(end, position + missing)
      keep(bytes, position, stop)
      if (stop - position < missing) return end
      position = stop
    }
    return position
  }

  return {
    /**
     * Takes the first `end` bytes of `bytes`.
     * @throws ProtocolViolation
     */
    take(bytes: Buffer, end: number): void {
      let position = 0
      if (held > 0 && rest[0] === dollar && garbage === 0) position = complete(bytes, end)
      else if (held > 0) {
        keep(bytes, 0, end)
        position = end
      }
      if (held > 0) {
        const used = takeAll(rest, 0, held)
        rest.copyWithin(0, used, held)
        held -= used
      }
      if (position < end) {
        position = takeAll(bytes, position, end)
        keep(bytes, position, end)
      }
    },
  }
}

/** After garbage, a `$` may be anything: an RTP or RTCP packet has the version 2 in its first bits. */
function looksLikeMedia(bytes: Buffer, start: number, end: number): boolean {
  return end - start <= frameHeadBytes || (bytes[start + frameHeadBytes] as number) >> 6 === 2
}

function looksLikeMessage(bytes: Buffer, start: number, end: number): boolean {
  const text = bytes.toString('latin1', start, Math.min(end, start + beginningBytes))
  return beginnings.some((beginning) => beginning.startsWith(text))
}
