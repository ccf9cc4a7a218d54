import type { CaptureContext, EpochMs, Frame } from '@snapmint/core/adapter'

export interface FrameQueueOptions {
  readonly now: () => EpochMs
  /** When more bytes wait than this, the oldest frames go. */
  readonly maxBytes: number
  readonly onDrop: (frames: number) => void
  /** Called after each frame that left the queue towards the consumer. */
  readonly onTake: () => void
  /** Where frames are copied as they leave: the history's own memory. Default: they leave in the memory that they came in. */
  readonly allocate?: CaptureContext['allocate'] | undefined
}

interface Waiter {
  readonly resolve: (result: IteratorResult<Frame>) => void
  readonly reject: (error: unknown) => void
}

/** Whether the frame decodes without those before it. */
const standsAlone = (frame: Frame) => !('type' in frame) || frame.type === 'key'

/** Frames between the process that delivers them and the consumer that asks for them. A frame is handed out when its captureTime has come. */
export function createFrameQueue({ now, maxBytes, onDrop, onTake, allocate }: FrameQueueOptions) {
  const frames: Frame[] = []
  const waiters: Waiter[] = []
  let bytes = 0
  let ended: { error?: unknown } | undefined
  let timer: NodeJS.Timeout | undefined
  let needsKey = false

  function shift(): Frame {
    const frame = frames.shift() as Frame
    bytes -= frame.data.byteLength
    return frame
  }

  /** A delta whose key is gone cannot be decoded: it goes with it. The newest picture stays where it stands alone. */
  function dropOldest(): void {
    if (bytes <= maxBytes) return
    let dropped = 0
    const drop = () => {
      shift()
      dropped += 1
    }
    while (bytes > maxBytes && frames.length > 1) {
      drop()
      while (frames[0] !== undefined && !standsAlone(frames[0])) drop()
      needsKey = frames.length === 0
    }
    if (dropped > 0) onDrop(dropped)
  }

  function serve(): void {
    clearTimeout(timer)
    timer = undefined
    for (let waiter = waiters[0]; waiter !== undefined; waiter = waiters[0]) {
      const head = frames[0]
      if (head === undefined && ended === undefined) return
      const waitMs = head === undefined ? 0 : head.captureTime - now()
      if (waitMs > 0) {
        timer = setTimeout(serve, Math.ceil(waitMs))
        return
      }
      waiters.shift()
      if (head !== undefined) {
        waiter.resolve({ done: false, value: allocate === undefined ? shift() : copyTo(allocate, shift()) })
        onTake()
      } else finish(waiter)
    }
  }

  function finish(waiter: Waiter): void {
    if (ended !== undefined && 'error' in ended) {
      const { error } = ended
      ended = {}
      waiter.reject(error)
    } else waiter.resolve({ done: true, value: undefined })
  }

  return {
    /**
     * @param frame the queue's own from now on.
     * @param borrowed the frame's bytes are valid during the call only: they are copied, once, wherever the frame goes. Needs `allocate`.
     */
    push(frame: Frame, borrowed = false): void {
      if (ended !== undefined) return
      if (needsKey && !standsAlone(frame)) {
        onDrop(1)
        return
      }
      needsKey = false
      frames.push(frame)
      bytes += frame.data.byteLength
      dropOldest()
      serve()
      if (borrowed && frames.at(-1) === frame) frames[frames.length - 1] = owned(frame)
    },
    /** No frame comes after those that wait; then the iteration ends, or rejects once with `error`. */
    end(outcome: { error?: unknown }): void {
      ended ??= outcome
      serve()
    },
    /** Ends at once: what waits is thrown away. */
    close(): void {
      frames.length = 0
      bytes = 0
      ended = {}
      serve()
    },
    next(): Promise<IteratorResult<Frame>> {
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject })
        serve()
      })
    },
    bytes: () => bytes,
    /** How far the newest frame is ahead of the clock, in ms; 0 when none is. */
    aheadMs: () => Math.max(0, (frames.at(-1)?.captureTime ?? 0) - now()),
  }
}

const owned = (frame: Frame): Frame => ({ ...frame, data: new Uint8Array(frame.data) })

/** The frame is the queue's own, so it is changed: another object for each one would cost more than all the rest. */
function copyTo(allocate: CaptureContext['allocate'], frame: Frame): Frame {
  const own = frame as { -readonly [Key in keyof Frame]: Frame[Key] }
  try {
    const data = allocate(frame.data.byteLength)
    data.set(frame.data)
    own.data = data
  } catch {
    // Larger than the history: that is for the consumer to refuse.
    own.data = new Uint8Array(frame.data)
  }
  return frame
}

export type FrameQueue = ReturnType<typeof createFrameQueue>
