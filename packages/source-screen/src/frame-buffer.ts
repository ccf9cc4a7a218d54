import type { Frame } from '@snapmint/core/adapter'

export interface FrameBuffer {
  push(frame: Frame): void
  /** Ends the reading once what waits has been read, with an error or without. The first call counts. */
  end(error?: Error): void
  /** Resolves to undefined at the end. @throws what {@link FrameBuffer.end} was given. One reader at a time. */
  next(): Promise<Frame | undefined>
}

/**
 * Frames between a process that delivers them and the reader.
 * @param maxBytes when more wait, the oldest are dropped; the newest stays.
 */
export function createFrameBuffer(maxBytes: number, onDrop: (frames: number) => void): FrameBuffer {
  const frames: Frame[] = []
  let bytes = 0
  let ended: { readonly error: Error | undefined } | undefined
  let wake = (): void => {}

  function shift(): Frame | undefined {
    const frame = frames.shift()
    bytes -= frame?.data.byteLength ?? 0
    return frame
  }

  return {
    push(frame) {
      if (ended !== undefined) return
      frames.push(frame)
      bytes += frame.data.byteLength
      let dropped = 0
      for (; bytes > maxBytes && frames.length > 1; dropped += 1) shift()
      if (dropped > 0) onDrop(dropped)
      wake()
    },
    end(error) {
      ended ??= { error }
      wake()
    },
    async next() {
      while (frames.length === 0 && ended === undefined) await new Promise<void>((resolve) => (wake = resolve))
      if (frames.length > 0) return shift()
      if (ended?.error === undefined) return undefined
      const { error } = ended
      ended = { error: undefined }
      throw error
    },
  }
}
