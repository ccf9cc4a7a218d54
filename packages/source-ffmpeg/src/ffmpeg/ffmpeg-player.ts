import { createFrameQueue, type FrameQueue } from '../frames/frame-queue.js'
import { checkFile } from '../input/check-file.js'
import type { InputPlan } from '../input/plan-input.js'
import type { Player, PlayerOptions } from '../player.js'
import { createLiveDating, createMediaDating } from '../time/date-frames.js'
import { classifyExit } from './classify-exit.js'
import { ffmpegArguments } from './ffmpeg-arguments.js'
import { type FfmpegProcess, type Packet, startFfmpeg } from './ffmpeg-process.js'
import { type FfmpegVersion, probeFfmpeg } from './ffmpeg-version.js'

/** A recording is read ahead by so much, in ms, so that the gap between two rounds of a loop does not show. */
const readAheadMs = 1000
/** One picture that is looped lasts so long, in ms. */
const leastRoundMs = 1000
/** Notices about dropped frames come at most so often, in ms. */
const noticeEveryMs = 10_000

/** Plays the input with FFmpeg, once through or round after round, into a queue. */
export function createFfmpegPlayer({ plan, options, context, probe }: PlayerOptions): Player {
  const { ffmpegPath: path = 'ffmpeg', maxQueueBytes = 64 * 2 ** 20 } = options
  const stopping = new AbortController()
  let current: FfmpegProcess | undefined
  let running: Promise<void> | undefined
  let paused = false
  let endPause = () => {}
  const dateFrame = createDating(plan, context)
  const recorded = plan.pace === 'media'
  const queue: FrameQueue = createFrameQueue({
    now: context.now,
    // A recording waits, for its reading is held back; only what is live has to go.
    maxBytes: recorded ? Number.POSITIVE_INFINITY : maxQueueBytes,
    onDrop: createDropNotice(context, maxQueueBytes),
    onTake: regulate,
  })

  function regulate(): void {
    if (!recorded) return
    const enough = queue.bytes() > 0 && (queue.aheadMs() > readAheadMs || queue.bytes() > maxQueueBytes)
    if (enough === paused) return
    paused = enough
    if (paused) current?.pause()
    else {
      current?.resume()
      endPause()
    }
  }

  /** A short round is over before its pipes are full, so pausing them holds no round back. */
  function whilePaused(): Promise<void> {
    return new Promise((resolve) => {
      endPause = resolve
      if (!paused || stopping.signal.aborted) resolve()
    })
  }

  async function playRound(version: FfmpegVersion, offsetMs: number): Promise<{ frames: number; lengthMs: number }> {
    let frames = 0
    let firstMs = 0
    let endMs = 0
    function onPacket({ ptsMs, durationMs, data, codedWidth, codedHeight }: Packet): void {
      if (frames === 0) firstMs = ptsMs
      endMs = Math.max(endMs, ptsMs + (durationMs || (frames > 0 ? (ptsMs - firstMs) / frames : 0)))
      frames += 1
      const captureTime = dateFrame(recorded ? ptsMs - firstMs + offsetMs : ptsMs)
      if (captureTime === undefined) return
      queue.push({ mimeType: 'image/jpeg', captureTime, data, codedWidth, codedHeight })
      regulate()
    }
    current = startFfmpeg({ path, arguments: ffmpegArguments(plan, options, version), onPacket })
    if (paused) current.pause()
    const exit = await current.exited
    stopping.signal.throwIfAborted()
    const error = classifyExit(plan, exit, frames)
    if (error !== undefined) throw error
    return { frames, lengthMs: Math.max(endMs - firstMs, frames === 1 ? leastRoundMs : 1) }
  }

  async function run(): Promise<void> {
    if (plan.path !== undefined) await checkFile(plan.path)
    const version = await probe(stopping.signal)
    let offsetMs = 0
    do {
      await whilePaused()
      stopping.signal.throwIfAborted()
      offsetMs += (await playRound(version, offsetMs)).lengthMs
    } while (plan.loop)
  }

  return {
    next() {
      running ??= run().then(
        () => queue.end({}),
        (error) => (stopping.signal.aborted ? queue.close() : queue.end({ error })),
      )
      return queue.next()
    },
    /** Ends FFmpeg, then the iteration. */
    async stop(): Promise<void> {
      stopping.abort()
      endPause()
      running ??= Promise.resolve()
      await current?.stop()
      await running
      queue.close()
    },
  }
}

function createDating(plan: InputPlan, { now, notice }: PlayerOptions['context']): (ptsMs: number) => number | undefined {
  if (plan.pace === 'arrival') {
    const date = createLiveDating()
    return (ptsMs) => date(ptsMs, { now: now(), wallNow: Date.now() })
  }
  const date = createMediaDating((lateMs) => {
    const message = `"${plan.label}" was ${Math.round(lateMs)} ms behind real time and goes on from now: the machine may be too slow to play it`
    notice?.(message, { lateMs })
  })
  return (mediaMs) => date(mediaMs, now())
}

function createDropNotice({ now, notice }: PlayerOptions['context'], maxQueueBytes: number): (frames: number) => void {
  let dropped = 0
  let lastTime = Number.NEGATIVE_INFINITY
  return (frames) => {
    dropped += frames
    if (now() - lastTime < noticeEveryMs) return
    lastTime = now()
    notice?.(`${dropped} frames were dropped: more than ${maxQueueBytes} bytes waited for the history`, { frames: dropped })
    dropped = 0
  }
}

/** Remembers the version once it is known; a failure is asked for again. */
export function createProbe(path = 'ffmpeg'): PlayerOptions['probe'] {
  let known: FfmpegVersion | undefined
  return async (signal) => {
    known ??= await probeFfmpeg(path, signal)
    return known
  }
}
