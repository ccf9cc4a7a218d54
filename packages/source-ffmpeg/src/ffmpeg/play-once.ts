import type { EpochMs, ImageFrame, Rotation, VideoChunk } from '@snapmint/core/adapter'
import { tellsDamage } from '../decode/find-damage.js'
import { createRateLimitedNotice } from '../frames/rate-limited-notice.js'
import { beginsLikeJpeg, readJpegHead } from '../mjpeg/jpeg-bytes.js'
import type { PlayerOptions } from '../player.js'
import { type CopiedPictures, copyPictures } from './copied-pictures.js'
import { type FfmpegExit, type FfmpegProcess, startFfmpeg } from './ffmpeg-process.js'
import type { Packet, StreamHead } from './read-packets.js'

/** A frame but for its captureTime. */
export type PlayedPicture = (Omit<ImageFrame<ArrayBuffer>, 'captureTime'> | Omit<VideoChunk<ArrayBuffer>, 'captureTime'>) & {
  /** Its place on the clock of FFmpeg's output; NaN when unknown. */
  readonly mediaMs: number
  /** 0 when unknown. */
  readonly durationMs: number
  readonly arrival: EpochMs
  readonly stream: StreamHead
}

export interface PlayOnceOptions extends Pick<PlayerOptions, 'context' | 'plan'> {
  readonly path: string
  readonly arguments: readonly string[]
  /** What FFmpeg was told to do with the input. */
  readonly mode: 'copy' | 'jpeg'
  /** For pictures that are copied: at most so many a second. */
  readonly frameRate: number | undefined
  readonly onPicture: (picture: PlayedPicture) => void
}

/** How one process ended. */
export interface Played {
  readonly exit: FfmpegExit
  /** Packets that came, whether or not they gave pictures. */
  readonly packets: number
  /** The input cannot be copied: the end of a sentence. The process was ended for it. */
  readonly unsuitable: string | undefined
}

/** Runs FFmpeg once and makes pictures of what it writes. */
export function playOnce({ plan, path, arguments: args, mode, context, frameRate, onPicture }: PlayOnceOptions) {
  const first: [Packet, EpochMs][] = []
  let packets = 0
  let rotation: Rotation | undefined
  let unsuitable: string | undefined
  let copied: CopiedPictures | undefined
  let latest: Packet | undefined
  const tellDamage = createRateLimitedNotice(
    context,
    (count) =>
      `FFmpeg complained ${count} times of damage in "${plan.label}": pictures around now may show what it made up for what is missing`,
  )
  const process: FfmpegProcess = startFfmpeg({
    path,
    arguments: args,
    onPacket(packet) {
      packets += 1
      const arrival = context.now()
      if (packets === 1) setImmediate(takeFirst)
      if (packets === 1 || first.length > 0) first.push([packet, arrival])
      else take(packet, arrival)
    },
    // Who joins a stream gets a torn picture first: nothing of it is shown.
    onLine(line) {
      if (mode === 'jpeg' && (packets > 0 || plan.pace === 'media') && tellsDamage(line)) tellDamage(1)
    },
    onLog(line) {
      if (line.kind === 'rotation' && line.degrees !== 0) rotation = line.degrees as Rotation
      else if (line.kind === 'mode') context.notice?.(plan.redact(`"${plan.label}": ${line.text}`), {})
    },
  })

  /** What FFmpeg says of the input comes through another pipe, which in this turn of the event loop may be read after the first packets. */
  function takeFirst(): void {
    for (const [packet, arrival] of first.splice(0)) take(packet, arrival)
  }

  function take(packet: Packet, arrival: EpochMs): void {
    if (unsuitable !== undefined) return
    latest = packet
    if (mode === 'jpeg') takeJpeg(packet, arrival)
    else takeCopy(packet, arrival)
  }

  function takeCopy(packet: Packet, arrival: EpochMs): void {
    copied ??= copyPictures(packet.stream, {
      plan,
      context,
      frameRate,
      onPicture(picture) {
        const turned = rotation === undefined ? picture : { ...picture, rotation }
        onPicture({ ...turned, durationMs: latest?.durationMs ?? 0, stream: packet.stream })
      },
      onUnsuitable(reason) {
        unsuitable ??= reason
        void process.stop()
      },
    })
    copied.take(packet, arrival)
  }

  function takeJpeg({ data, ptsMs: mediaMs, durationMs, stream }: Packet, arrival: EpochMs): void {
    // Packets that do not begin like a JPEG mean that the two pipes are out of step.
    if (!beginsLikeJpeg(data)) {
      process.fail('its output is no sequence of JPEG files')
      return
    }
    const { codedWidth = stream.codedWidth, codedHeight = stream.codedHeight } = readJpegHead(data) ?? {}
    onPicture({ mimeType: 'image/jpeg', data, codedWidth, codedHeight, mediaMs, durationMs, arrival, stream })
  }

  const ended = process.exited.then((exit): Played => {
    takeFirst()
    if (unsuitable === undefined) copied?.end()
    return { exit, packets, unsuitable }
  })
  return { ended, pause: process.pause, resume: process.resume, stop: process.stop }
}

export type Round = ReturnType<typeof playOnce>
