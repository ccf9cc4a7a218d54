/** Most frames and bytes that wait between two threads or processes before the oldest are dropped. */
export interface FrameQueueLimits {
  readonly maxFrames: number
  readonly maxBytes: number
}

const frameQueueLimits: FrameQueueLimits = { maxFrames: 64, maxBytes: 64 * 2 ** 20 }

/** A bounded queue of what sources yield. */
export interface FrameQueue {
  /** Adds a frame. Returns how many were dropped for it, itself perhaps among them. */
  push(frame: unknown): number
  shift(): unknown
  readonly size: number
}

/**
 * A queue that drops its oldest frames when it is full; the newest image or key chunk always finds room. When a chunk of a video is dropped, the delta chunks
 * up to the next key go too, since nothing can be decoded from them.
 */
export function createFrameQueue({ maxFrames, maxBytes }: FrameQueueLimits = frameQueueLimits): FrameQueue {
  const waiting: unknown[] = []
  let bytes = 0
  let skipDeltas = false

  function take(index: number): unknown {
    const [frame] = waiting.splice(index, 1)
    bytes -= byteLengthOf(frame)
    return frame
  }

  function dropOldest(): void {
    if (!isChunk(take(0))) return
    skipDeltas = true
    for (let index = 0; skipDeltas && index < waiting.length; ) {
      if (isDelta(waiting[index])) take(index)
      else if (isChunk(waiting[index++])) skipDeltas = false
    }
  }

  return {
    push(frame) {
      if (skipDeltas && isDelta(frame)) return 1
      if (isChunk(frame)) skipDeltas = false
      waiting.push(frame)
      bytes += byteLengthOf(frame)
      const before = waiting.length
      while (waiting.length > 1 && (waiting.length > maxFrames || bytes > maxBytes)) dropOldest()
      return before - waiting.length
    },
    shift() {
      return take(0)
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
