import type { EpochMs } from '@snapmint/core/adapter'

export interface ExposureBounds {
  /** The shutter had not opened yet. */
  readonly before: EpochMs
  /** The picture was in the computer. */
  readonly after: EpochMs
}

/** fswebcam's words, at the start of a line, maybe behind its colours. */
const begins = /(?:^|[\nm])--- Capturing /
const done = /(?:^|[\nm])(?:Captured (?:frame|\d+ frames) in |--- Processing captured )/
/** As much text as both need that is read in pieces. */
const tail = 4096

/**
 * Finds out when the picture was exposed, from what fswebcam says while it works and when it was read.
 *
 * It switches the camera on, says "Capturing", fetches the frames, says "Captured". What is read in one go was said after the last reading, or it would have
 * been read then: the camera was switched on after the reading before that with "Capturing". And the picture was in the computer before the reading with "Captured".
 * A tool that says nothing leaves the time from its start to its end.
 */
export function watchExposure(start: EpochMs, now: () => EpochMs) {
  let text = ''
  let lastRead = start
  let before: EpochMs | undefined
  let after: EpochMs | undefined
  return {
    read(piece: string): void {
      const time = now()
      text = (text + piece).slice(-tail)
      if (before === undefined && begins.test(text)) before = lastRead
      if (after === undefined && done.test(text)) after = time
      lastRead = time
    },
    bounds: (end: EpochMs): ExposureBounds => ({ before: before ?? start, after: after ?? end }),
  }
}
