import type { EpochMs } from '@snapmint/core/adapter'

/** A picture that waits to be encoded; its owner releases it. */
export interface Pending {
  readonly captureTime: EpochMs
  readonly mat: { release(): void }
}

export interface Encoder<P extends Pending> {
  /** Takes a picture over. The newest one waits until a place is free; the one that waited before is dropped. */
  offer(picture: P): void
  /** Resolves when nothing waits. */
  room(): Promise<void>
  /** Resolves when everything is encoded. */
  idle(): Promise<void>
  /** Throws away what waits. What is being encoded ends by itself. */
  stop(): void
}

/** As many pictures at a time as keeps a second core busy without holding up the reader. */
const atOnce = 2

/**
 * Encodes pictures beside the reader, which never waits for it. `encode` takes each picture over; what it makes is handed out in the order of the pictures.
 * @param onFailure told once; nothing is encoded after it.
 */
export function createEncoder<P extends Pending, Encoded>(
  encode: (picture: P) => Promise<Encoded>,
  onEncoded: (encoded: Encoded) => void,
  onDrop: () => void,
  onFailure: (thrown: unknown) => void,
): Encoder<P> {
  let waiting: P | undefined
  let running = 0
  let stopped = false
  let order: Promise<void> = Promise.resolve()
  const watchers: (() => void)[] = []

  function start(picture: P): void {
    running++
    const encoded = encode(picture)
    // Its failure is seen when its turn comes.
    encoded.catch(() => {})
    const previous = order
    order = finish(encoded, previous)
  }

  async function finish(encoded: Promise<Encoded>, previous: Promise<void>): Promise<void> {
    try {
      // A place is free as soon as the work is done, though its turn may not have come.
      const result = await encoded.finally(freePlace)
      await previous
      if (!stopped) onEncoded(result)
    } catch (thrown) {
      await previous
      if (!stopped) onFailure(thrown)
      stop()
    }
  }

  function freePlace(): void {
    running--
    const next = waiting
    waiting = undefined
    if (next !== undefined) start(next)
    for (const watch of watchers.splice(0)) watch()
  }

  function stop(): void {
    stopped = true
    waiting?.mat.release()
    waiting = undefined
    for (const watch of watchers.splice(0)) watch()
  }

  return {
    offer(picture) {
      if (stopped) return picture.mat.release()
      if (running < atOnce) return start(picture)
      if (waiting !== undefined) {
        waiting.mat.release()
        onDrop()
      }
      waiting = picture
    },
    async room() {
      while (waiting !== undefined) await new Promise<void>((resolve) => watchers.push(resolve))
    },
    async idle() {
      while (waiting !== undefined || running > 0) await new Promise<void>((resolve) => watchers.push(resolve))
      await order
    },
    stop,
  }
}
