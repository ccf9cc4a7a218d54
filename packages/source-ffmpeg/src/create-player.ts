import type { Frame } from '@snapmint/core/adapter'
import { createFfmpegPlayer } from './ffmpeg/ffmpeg-player.js'
import { createMjpegPlayer } from './mjpeg/mjpeg-player.js'
import { NeedsFfmpeg } from './needs-ffmpeg.js'
import type { Player, PlayerOptions } from './player.js'
import { createRtspPlayer } from './rtsp/rtsp-player.js'

/**
 * The player for an input: RTSP and MJPEG over HTTP are read by this process itself, which costs less and tells the sender's clock and lost packets;
 * all else, and whatever those two cannot play, is FFmpeg's.
 */
export function createPlayer(options: PlayerOptions): Player {
  switch (options.plan.reader) {
    case 'rtsp':
      return withFallback(createRtspPlayer(options), options)
    case 'mjpeg':
      return withFallback(createMjpegPlayer(options), options)
    case 'ffmpeg':
      return createFfmpegPlayer(options)
  }
}

function withFallback(first: Player, options: PlayerOptions): Player {
  let current = first
  let stopped = false
  /** It has given a frame: it plays the run to its end. */
  let settled = false

  async function settle(): Promise<IteratorResult<Frame>> {
    const asked = current
    try {
      const result = await asked.next()
      settled = true
      return result
    } catch (error) {
      if (!(error instanceof NeedsFfmpeg)) throw error
      if (current === asked) await change(error)
      return current.next()
    }
  }

  async function change({ message }: NeedsFfmpeg): Promise<void> {
    current = createFfmpegPlayer(options)
    if (stopped) await current.stop()
    else options.context.notice?.(`"${options.plan.label}" is read by FFmpeg, for ${options.plan.redact(message)}`, {})
    await first.stop()
  }

  return {
    // No promise more than there must be: this is called for every frame.
    next: () => (settled ? current.next() : settle()),
    async stop() {
      stopped = true
      await current.stop()
    },
  }
}
