import type { EpochMs, ImageMimeType, Rotation } from '../spec/frame.js'

interface FrameInfoBase {
  /** Order in the history, u32; wraps. */
  readonly sequenceNumber: number
  readonly captureTime: EpochMs
  /** When the frame reached the process. */
  readonly receiveTime: EpochMs
  readonly bytes: number
  readonly codedWidth?: number
  readonly codedHeight?: number
  readonly rotation?: Rotation
}

/** A frame of the history without its bytes. */
export type FrameInfo = FrameInfoBase &
  (
    | { readonly mimeType: ImageMimeType }
    | { readonly codec: string; readonly type: 'key' | 'delta'; readonly keyDistance: number }
  )

/**
 * `closest`: the nearest on either side, the earlier of two equally near. `before`: the last at or before the moment. `after`: the first at or
 * after it.
 */
export type Match = 'closest' | 'before' | 'after'

export interface LookupOptions {
  /** Default `closest`. */
  readonly match?: Match | undefined
  /** Greatest distance from the moment, in ms, inclusive. Default: none; the receipt says the distance. */
  readonly toleranceMs?: number | undefined
}
