import { createFrameQueue } from '../frames/frame-queue.js'
import { rememberUnsuitable, unsuitableReason } from '../input/unsuitable-inputs.js'
import { NeedsFfmpeg } from '../needs-ffmpeg.js'
import type { Player, PlayerOptions } from '../player.js'
import { createUnitDating } from '../time/unit-dating.js'
import { avcFormat } from '../video/avc-format.js'
import { hevcFormat } from '../video/hevc-format.js'
import { createLossNotices } from '../video/loss-notices.js'
import { createPictureAssembler, type Picture } from '../video/picture-assembler.js'
import { createPictureGate } from '../video/picture-gate.js'
import { createRtcpSession } from './rtcp-session.js'
import { createRtpReceiver } from './rtp-receiver.js'
import { createRtspErrors } from './rtsp-error.js'
import { createRtspSession, type MediaSink, type RtspSession } from './rtsp-session.js'
import { parseRtspUrl } from './rtsp-url.js'
import type { VideoTrack } from './session-description.js'

const defaultTimeoutMs = 10_000
const defaultQueueBytes = 64 * 2 ** 20

/**
 * Plays an RTSP stream of H.264 or H.265 as it comes: nothing is decoded. Chunks are dated by the camera's clock where it tells it, and only those come out that
 * decode whole.
 */
export function createRtspPlayer({ plan, options, context }: PlayerOptions): Player {
  const { timeoutMs = defaultTimeoutMs, maxQueueBytes = defaultQueueBytes, rtspTransport = 'tcp', clock } = options
  const { now, notice } = context
  const { label } = plan
  const errors = createRtspErrors(plan)
  const losses = createLossNotices(context, label)
  let session: RtspSession | undefined
  let started = false
  let over = false
  let delivered = false
  let finish = () => {}
  const queue = createFrameQueue({ now, maxBytes: maxQueueBytes, onDrop: losses.dropped, onTake() {} })
  const dating = createUnitDating<Picture>({
    deliver(picture, captureTime) {
      if (over) return
      delivered = true
      const { data, type, codec, codedWidth, codedHeight } = picture
      queue.push({ data, type, codec, codedWidth, codedHeight, captureTime })
    },
    now,
    notice,
    clock,
    label,
  })

  /** Ends the run. What is held back still comes, unless the run begins anew with FFmpeg. */
  function fail(error: unknown): void {
    if (over) return
    if (!(error instanceof NeedsFfmpeg)) {
      finish()
      dating.end()
    }
    over = true
    queue.end({ error })
    void session?.stop()
  }

  function onUnsuitable(reason: string): void {
    if (over) return
    // FFmpeg then does not try to keep it as it comes either.
    rememberUnsuitable(plan.url, reason)
    if (!delivered) {
      fail(new NeedsFfmpeg(reason))
      return
    }
    fail(
      errors.error(
        'SNAPMINT_SOURCE_ENDED',
        `its stream can no longer be kept as it comes, for ${reason}; FFmpeg reads it from the next run on`,
      ),
    )
  }

  function openSink(track: VideoTrack): MediaSink {
    const format = track.codec === 'H264' ? avcFormat : hevcFormat
    const gate = createPictureGate({
      format,
      assembler: createPictureAssembler(format, track.parameterSets),
      clockRate: track.clockRate,
      onPicture({ picture, mediaMs, timestamp, arrival }) {
        losses.passed(picture.type, arrival)
        dating.push(picture, { arrival, mediaMs, senderTime: rtcp.senderTimeOf(timestamp, arrival) })
      },
      onUnsuitable,
      onLeftOut: losses.leftOut,
      onWhole: losses.whole,
      onKeyless: losses.keyless,
    })
    finish = gate.end
    /** Parameter sets that came with the description alone would be those of the old sender. */
    function onTakeover(): void {
      if (!gate.hasInBandSets())
        fail(errors.error('SNAPMINT_SOURCE_ENDED', 'the stream was replaced by another one; it is asked for anew'))
    }
    const receiver = createRtpReceiver({ now, track, format, onUnit: gate.take, onLoss: losses.lost, onTakeover })
    const rtcp = createRtcpSession(receiver, track.clockRate)
    return {
      take(kind, bytes, start, end) {
        if (over) return
        if (kind === 'rtp') receiver.take(bytes, start, end)
        else rtcp.take(bytes, start, end, now())
      },
      report: rtcp.report,
    }
  }

  async function run(): Promise<void> {
    const known = unsuitableReason(plan.url)
    if (known !== undefined) throw new NeedsFfmpeg(known)
    const url = parseRtspUrl(plan.url)
    if (url === undefined)
      throw errors.error(
        'SNAPMINT_SOURCE_FAILED',
        'this is no RTSP URL; write special characters in its user name and password as %XX',
        {
          retryable: false,
        },
      )
    session = createRtspSession({ url, label, transport: rtspTransport, timeoutMs, errors, now, openSink, onEnd: fail })
    await session.start()
  }

  return {
    next() {
      if (!started && !over) void run().catch(fail)
      started = true
      return queue.next()
    },
    async stop() {
      over = true
      await session?.stop()
      queue.close()
    },
  }
}
