/** A line with the size of a chunk is a few digits; extensions are rare. In bytes. */
const maxLineBytes = 4096

/** What comes is not in chunks as announced. The message is the end of a sentence. */
export class BadChunk extends Error {
  override readonly name = 'BadChunk'
}

export interface ChunkedBody {
  /**
   * Takes what came, borrowed for the call, and hands on what it holds of the body.
   * @returns whether the body goes on.
   * @throws BadChunk
   */
  push(bytes: Buffer<ArrayBuffer>): boolean
}

/** Takes the transfer coding `chunked` (RFC 9112, 7.1) off a body. Lines may end by a mere line feed. */
export function createChunkedBody(onBytes: (bytes: Buffer<ArrayBuffer>) => void): ChunkedBody {
  let line = ''
  /** Bytes of the chunk that are still to come; 0: a line is under way that ends a chunk, or tells the size of the next. */
  let left = 0
  let ended = false

  function endLine(): void {
    const text = line.trim()
    line = ''
    // Every chunk ends with a line break of its own.
    if (text === '') return
    const [, digits] = /^([0-9a-f]{1,8})(?:\s*;.*)?$/i.exec(text) ?? []
    if (digits === undefined) throw new BadChunk('its body is not in chunks as it says')
    left = Number.parseInt(digits, 16)
    ended = left === 0
  }

  return {
    push(bytes) {
      let at = 0
      while (at < bytes.length && !ended) {
        if (left > 0) {
          const end = Math.min(bytes.length, at + left)
          onBytes(bytes.subarray(at, end))
          left -= end - at
          at = end
          continue
        }
        const end = bytes.indexOf(0x0a, at)
        line += bytes.toString('latin1', at, end < 0 ? bytes.length : end)
        if (line.length > maxLineBytes) throw new BadChunk('its body is not in chunks as it says')
        if (end < 0) break
        at = end + 1
        endLine()
      }
      return !ended
    },
  }
}
