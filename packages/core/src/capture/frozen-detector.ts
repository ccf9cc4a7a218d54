import type { Frame } from '../spec/frame.js'

export interface FrozenDetector {
  /** Looks at an accepted frame. Its bytes are not kept. */
  observe(frame: Frame): void
}

/** Notices that a still has not changed, byte for byte, for `frozenMs`; tells it once until the picture changes. */
export function createFrozenDetector(frozenMs: number, onFrozen: (unchangedMs: number) => void): FrozenDetector {
  let copy = Buffer.alloc(0)
  let length = -1
  let since = 0
  let told = false
  return {
    observe(frame) {
      // A delta chunk says what changed: unchanged pictures are not unchanged bytes.
      if (!('mimeType' in frame) || frame.mimeType === undefined) return
      const { data, captureTime } = frame
      if (data.byteLength === length && copy.subarray(0, length).equals(data)) {
        const unchangedMs = captureTime - since
        if (told || unchangedMs < frozenMs) return
        told = true
        onFrozen(unchangedMs)
        return
      }
      if (copy.byteLength < data.byteLength) copy = Buffer.alloc(data.byteLength)
      copy.set(data)
      length = data.byteLength
      since = captureTime
      told = false
    },
  }
}
