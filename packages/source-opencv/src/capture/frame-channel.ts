import type { ImageFrame } from '@snapmint/core/adapter'

/** A consumer that is so many frames behind does not read: the oldest go. */
const maxWaiting = 32

/** Frames between the reader and the consumer that asks for them. */
export function createFrameChannel(onDrop: () => void) {
  const frames: ImageFrame[] = []
  const waiters: { resolve(result: IteratorResult<ImageFrame>): void; reject(error: unknown): void }[] = []
  let ended: { error?: unknown } | undefined

  function serve(): void {
    while (waiters.length > 0 && (frames.length > 0 || ended !== undefined)) {
      const waiter = waiters.shift()
      const value = frames.shift()
      if (value !== undefined) waiter?.resolve({ done: false, value })
      else if (ended !== undefined && 'error' in ended) {
        const { error } = ended
        ended = {}
        waiter?.reject(error)
      } else waiter?.resolve({ done: true, value: undefined })
    }
  }

  return {
    push(frame: ImageFrame): void {
      if (ended !== undefined) return
      if (frames.length >= maxWaiting) {
        frames.shift()
        onDrop()
      }
      frames.push(frame)
      serve()
    },
    /** No frame comes after those that wait; then the iteration ends, or rejects once with `error`. */
    end(outcome: { error?: unknown }): void {
      ended ??= outcome
      serve()
    },
    /** Ends at once: what waits is thrown away. */
    close(): void {
      frames.length = 0
      ended = {}
      serve()
    },
    next(): Promise<IteratorResult<ImageFrame>> {
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject })
        serve()
      })
    },
  }
}
