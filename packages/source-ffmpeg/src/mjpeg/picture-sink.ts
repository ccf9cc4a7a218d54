import type { UnitTimes } from '../time/unit-dating.js'
import type { JpegPicture } from './jpeg-bytes.js'

/** Where pictures go, and what the operator is told about those that were none. */
export interface PictureSink {
  /** The picture's bytes are borrowed for the call. */
  picture(picture: JpegPicture, times: UnitTimes): void
  /** @param reason the end of a sentence: it … */
  refused(reason: string): void
  /** How many pictures there were. */
  pictures(): number
}
