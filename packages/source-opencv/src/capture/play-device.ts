import { setTimeout as sleep } from 'node:timers/promises'
import { type CaptureContext, type EpochMs, type ImageFrame, SnapmintError } from '@snapmint/core/adapter'
import type { DevicePlan } from '../input/plan-device.js'
import type { NativeMat, NativeModule } from '../native/native-module.js'
import { type Capture, nativeFailure } from '../native/open-capture.js'
import type { OpencvSourceOptions } from '../opencv-source-options.js'
import { createBacklog } from '../time/backlog.js'
import { createCameraDater, createStreamDater, type FrameDater } from '../time/date-frames.js'
import { decoderDelay } from '../time/decoder-delay.js'
import { createDueFrames } from '../time/due-frames.js'
import { createRisingTimes } from '../time/rising-times.js'
import { createDropCounter } from './drop-counter.js'
import { encodePicture } from './encode-picture.js'
import { createEncoder, type Encoder } from './encoder.js'
import { createFrameChannel } from './frame-channel.js'
import { modeNotice } from './mode-notice.js'
import { defaultTimeoutMs, openDevice } from './open-device.js'
import { createRecordingDater } from './pace-recording.js'
import { measureCost } from './read-cost.js'
import { readDevice } from './read-device.js'

/** What a server remembers is read away for at most so long. */
const backlogPatienceMs = 2000
/** How long the end of a run waits for a read that is under way. */
const closeGraceMs = 500

export interface PlayerOptions {
  readonly plan: DevicePlan
  readonly options: OpencvSourceOptions
  readonly context: CaptureContext
  readonly load: () => NativeModule
}

/** One run of one device. */
export interface Player {
  next(): Promise<IteratorResult<ImageFrame>>
  /** Ends the run and releases the device. Idempotent. */
  stop(): Promise<void>
}

interface Picture {
  readonly captureTime: EpochMs
  readonly mat: NativeMat
}

const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6

/*
 * Three parts that do not wait for one another: the pump reads without a pause, so that neither the driver nor the server has old pictures for it; the encoder
 * works on what is due; the channel holds what is finished until it is asked for.
 */
export function createPlayer({ plan, options, context, load }: PlayerOptions): Player {
  const stopping = new AbortController()
  const drops = createDropCounter(monotonicMs, (count) =>
    context.notice?.(`${count} frames of ${plan.label} were dropped: they came faster than they could be encoded or taken`, {
      count,
    }),
  )
  const channel = createFrameChannel(drops.add)
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    let capture: Capture | undefined
    let outcome: { error?: unknown } = {}
    try {
      const opened = await openDevice(plan, options, load, stopping.signal)
      capture = opened.capture
      await play(opened.native, capture)
    } catch (thrown) {
      outcome = { error: nativeFailure(plan.label, thrown) }
    }
    drops.flush()
    // The device is free again when the consumer learns of the end.
    if (capture !== undefined) await Promise.race([capture.close(), sleep(closeGraceMs, undefined, { ref: false })])
    channel.end(outcome)
  }

  async function play(native: NativeModule, capture: Capture): Promise<void> {
    const failed = new AbortController()
    const encoder = createEncoder<Picture, ImageFrame>(
      async ({ mat, captureTime }) => ({ ...(await encodePicture(native, mat, options)), captureTime }),
      channel.push,
      drops.add,
      (thrown) => failed.abort(thrown),
    )
    try {
      await pump(capture, encoder, failed.signal)
      if (!stopping.signal.aborted) await encoder.idle()
      failed.signal.throwIfAborted()
    } finally {
      encoder.stop()
    }
  }

  async function pump(capture: Capture, encoder: Encoder<Picture>, failed: AbortSignal): Promise<void> {
    const { timeoutMs = defaultTimeoutMs, frameRate, intervalMs = frameRate && 1000 / frameRate } = options
    const isDue = createDueFrames(intervalMs)
    const isNew = plan.kind === 'stream' && plan.live ? createBacklog(backlogPatienceMs) : () => true
    const date = await createDater(capture)
    const rise = createRisingTimes()
    for (let pictures = 0; !stopping.signal.aborted && !failed.aborted; ) {
      const cost = measureCost()
      const read = await readDevice(capture, plan, timeoutMs)
      if (read === undefined) return expectPictures(pictures)
      let mat: NativeMat | undefined = read.mat
      try {
        // Before anything is awaited: this is the moment.
        const time = date(read.positionMs)
        if (pictures++ === 0) await reportMode(capture, mat)
        if (!isNew({ ...cost(), positionMs: read.positionMs })) continue
        const captureTime = rise(time)
        if (!isDue(captureTime)) continue
        // A recording has time: nothing of it is dropped.
        if (!plan.live) await Promise.all([untilDue(captureTime), encoder.room()])
        encoder.offer({ mat, captureTime })
        mat = undefined
      } finally {
        mat?.release()
      }
    }
  }

  async function untilDue(time: EpochMs): Promise<void> {
    for (let waitMs = time - context.now(); waitMs > 0 && !stopping.signal.aborted; waitMs = time - context.now())
      await sleep(Math.ceil(waitMs), undefined, { signal: stopping.signal }).catch(() => {})
  }

  async function createDater(capture: Capture): Promise<FrameDater> {
    const { now } = context
    if (plan.kind === 'camera') return createCameraDater({ now, monotonicMs })
    const { frameRate, fourcc } = await capture.mode()
    if (plan.live) return createStreamDater({ now }, plan.backend === 'ffmpeg' ? decoderDelay(fourcc) : 0)
    return createRecordingDater(now, frameRate, (lagMs) =>
      context.notice?.(`Playing ${plan.label} fell ${Math.round(lagMs)} ms behind; it goes on from now`, { lagMs }),
    )
  }

  /** The picture tells the truth about its size; the driver need not. */
  async function reportMode(capture: Capture, { cols: width, rows: height }: NativeMat): Promise<void> {
    if (plan.kind !== 'camera') return
    const notice = modeNotice(plan.label, options, { ...(await capture.mode()), width, height })
    if (notice !== undefined) context.notice?.(notice.message, notice.details)
  }

  function expectPictures(pictures: number): void {
    if (pictures > 0) return
    throw new SnapmintError('SNAPMINT_SOURCE_UNREADABLE', `OpenCV found no picture in ${plan.label}`, {
      adapter: 'opencv',
      retryable: plan.kind === 'stream',
    })
  }

  return {
    next() {
      if (!stopping.signal.aborted) running ??= run()
      return channel.next()
    },
    async stop() {
      stopping.abort()
      channel.close()
      if (running !== undefined) await Promise.race([running, sleep(closeGraceMs, undefined, { ref: false })])
    },
  }
}
