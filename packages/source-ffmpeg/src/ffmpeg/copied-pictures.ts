import type { EpochMs, ImageFrame, VideoChunk } from '@snapmint/core/adapter'
import { createRateLimitedNotice } from '../frames/rate-limited-notice.js'
import { createThinning } from '../frames/thin-out.js'
import { toJpegPicture } from '../mjpeg/jpeg-bytes.js'
import type { PlayerOptions } from '../player.js'
import { avcFormat } from '../video/avc-format.js'
import { hevcFormat } from '../video/hevc-format.js'
import { createLossNotices } from '../video/loss-notices.js'
import { createPictureAssembler } from '../video/picture-assembler.js'
import { createPictureGate } from '../video/picture-gate.js'
import type { Packet, StreamHead } from './read-packets.js'
import { createUnitSplitter } from './split-units.js'

/** A picture of the input as it came, but for its captureTime and rotation. */
export type CopiedPicture = (
  | Omit<ImageFrame<ArrayBuffer>, 'captureTime' | 'rotation'>
  | Omit<VideoChunk<ArrayBuffer>, 'captureTime' | 'rotation'>
) & {
  /** Its place on the clock of the input; NaN when unknown. */
  readonly mediaMs: number
  readonly arrival: EpochMs
}

export interface CopiedPicturesOptions extends Pick<PlayerOptions, 'context' | 'plan'> {
  readonly frameRate: number | undefined
  readonly onPicture: (picture: CopiedPicture) => void
  /** The input cannot go into the history as it comes: the end of a sentence. Nothing comes after it. */
  readonly onUnsuitable: (reason: string) => void
}

export interface CopiedPictures {
  take(packet: Packet, arrival: EpochMs): void
  /** The input is over: what was held back comes. */
  end(): void
}

const codecNames: Readonly<Record<string, string>> = { rawvideo: 'not compressed', mpeg4: 'MPEG-4', mpeg2video: 'MPEG-2' }

/** Makes frames of packets that FFmpeg copied, as far as the history can keep them: H.264 and H.265 that come in the order in which they are shown, and JPEG. */
export function copyPictures(stream: StreamHead, options: CopiedPicturesOptions): CopiedPictures {
  const { codec = '' } = stream
  if (codec === 'mjpeg') return copyImages(options)
  if (codec === 'h264' || codec === 'hevc') {
    if (options.frameRate === undefined) return copyVideo(codec, options)
    options.onUnsuitable(`only single pictures can be thinned out to ${options.frameRate} a second`)
  } else options.onUnsuitable(`it is ${codecNames[codec] ?? codec.toUpperCase()}`)
  return { take() {}, end() {} }
}

function copyImages({ context, plan, frameRate, onPicture }: CopiedPicturesOptions): CopiedPictures {
  const isDue = createThinning(frameRate)
  const tellBroken = createRateLimitedNotice(
    context,
    (count) => `${count} pictures of "${plan.label}" were left out: they were damaged, or no JPEG`,
  )
  return {
    take({ data, ptsMs }, arrival) {
      if (!isDue(Number.isNaN(ptsMs) ? arrival : ptsMs)) return
      const picture = toJpegPicture(data)
      if (picture === undefined) tellBroken(1)
      else onPicture({ mimeType: 'image/jpeg', ...picture, mediaMs: ptsMs, arrival })
    },
    end() {},
  }
}

function copyVideo(codec: 'h264' | 'hevc', { context, plan, onPicture, onUnsuitable }: CopiedPicturesOptions): CopiedPictures {
  const format = codec === 'h264' ? avcFormat : hevcFormat
  const split = createUnitSplitter(codec)
  const losses = createLossNotices(context, plan.label)
  const gate = createPictureGate({
    format,
    assembler: createPictureAssembler(format),
    clockRate: 1000,
    onPicture({ picture: { data, type, codec, codedWidth, codedHeight }, timestamp, arrival }) {
      onPicture({ data, type, codec, codedWidth, codedHeight, mediaMs: timestamp, arrival })
    },
    onUnsuitable,
    onLeftOut: losses.leftOut,
    onWhole: losses.whole,
    onKeyless: losses.keyless,
  })
  let lastCorrupt = false
  return {
    take({ data, ptsMs, corrupt, stream }, arrival) {
      if (corrupt) losses.lost(1)
      // Where FFmpeg cuts a stream into pictures by itself (MPEG-TS), the mark may be on the picture before the one that is damaged.
      const units = corrupt || lastCorrupt ? [] : split(data, stream.extradataBytes)
      lastCorrupt = corrupt
      gate.take({ units, condition: units.length === 0 ? 'damaged' : 'whole', timestamp: ptsMs, arrival })
    },
    end: gate.end,
  }
}
