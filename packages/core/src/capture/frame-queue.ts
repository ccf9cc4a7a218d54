/** Most frames and bytes that wait between two threads or processes before the oldest are dropped. */
export interface FrameQueueLimits {
  readonly maxFrames: number
  readonly maxBytes: number
}

export const frameQueueLimits: FrameQueueLimits = { maxFrames: 64, maxBytes: 64 * 2 ** 20 }

/** A bounded queue of what sources yield. */
export interface FrameQueue {
  /** Adds a frame. Returns how many were dropped for it, itself perhaps among them. */
  push(frame: unknown): number
  shift(): unknown
  readonly size: number
}

/**
 * A queue that drops its oldest frames when it is full; the newest frame always finds room. When a chunk of a video is dropped, the delta chunks
 * up to the next key go too, since nothing can be decoded from them.
 */
export function createFrameQueue({ maxFrames, maxBytes }: FrameQueueLimits = frameQueueLimits): FrameQueue {
  const waiting: unknown[] = []
  let bytes = 0
  let skipDeltas = false

  function drop(): void {
    const dropped = waiting.shift()
    bytes -= byteLengthOf(dropped)
    if (isChunk(dropped)) skipDeltas = true
  }

  return {
    push(frame) {
      if (skipDeltas && isDelta(frame)) return 1
      skipDeltas = false
      waiting.push(frame)
      bytes += byteLengthOf(frame)
      const before = waiting.length
      while (waiting.length > 1 && (waiting.length > maxFrames || bytes > maxBytes)) {
        drop()
        while (skipDeltas && waiting.length > 0 && isDelta(waiting[0])) drop()
        if (waiting.length > 0) skipDeltas = false
      }
      return before - waiting.length
    },
    shift() {
      const frame = waiting.shift()
      bytes -= byteLengthOf(frame)
      return frame
    },
    get size() {
      return waiting.length
    },
  }
}

function byteLengthOf(frame: unknown): number {
  const byteLength = (frame as { data?: { byteLength?: unknown } } | null | undefined)?.data?.byteLength
  return typeof byteLength === 'number' ? byteLength : 0
}

function isChunk(frame: unknown): boolean {
  return (frame as { codec?: unknown } | null | undefined)?.codec !== undefined
}

function isDelta(frame: unknown): boolean {
  return (frame as { type?: unknown } | null | undefined)?.type === 'delta'
}
