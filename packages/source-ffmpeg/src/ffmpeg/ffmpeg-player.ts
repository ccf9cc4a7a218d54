import { createFrameQueue, type FrameQueue } from '../frames/frame-queue.js'
import { createRateLimitedNotice } from '../frames/rate-limited-notice.js'
import { checkFile } from '../input/check-file.js'
import { rememberUnsuitable, unsuitableReason } from '../input/unsuitable-inputs.js'
import type { Player, PlayerOptions } from '../player.js'
import { classifyExit } from './classify-exit.js'
import { createPictureDating } from './date-pictures.js'
import { chooseInputMode } from './device-formats.js'
import { ffmpegArguments } from './ffmpeg-arguments.js'
import { type FfmpegVersion, probeFfmpeg } from './ffmpeg-version.js'
import type { Reading } from './input-arguments.js'
import { createModeNotice } from './mode-notice.js'
import { playOnce, type Round } from './play-once.js'
import { createRecordingPlace } from './recording-place.js'

/** A recording is read ahead by so much, in ms, so that the gap between two rounds of a loop does not show. */
const readAheadMs = 1000

/** Plays the input with FFmpeg, once through or round after round, into a queue. */
export function createFfmpegPlayer({ plan, options, context, probe }: PlayerOptions): Player {
  const { ffmpegPath: path = 'ffmpeg', maxQueueBytes = 64 * 2 ** 20, startMs = 0 } = options
  const stopping = new AbortController()
  const recorded = plan.pace === 'media'
  let current: Round | undefined
  let running: Promise<void> | undefined
  let paused = false
  let endPause = () => {}
  const queue: FrameQueue = createFrameQueue({
    now: context.now,
    // A recording waits, for its reading is held back; only what is live has to go.
    maxBytes: recorded ? Number.POSITIVE_INFINITY : maxQueueBytes,
    onDrop: createRateLimitedNotice(
      context,
      (count) => `${count} frames were dropped: more than ${maxQueueBytes} bytes waited for the history`,
    ),
    onTake: regulate,
  })
  const tellMode = createModeNotice(plan, options, context)
  const dating = createPictureDating({
    plan,
    context,
    clock: options.clock,
    deliver({ mediaMs: _place, durationMs: _duration, arrival: _arrival, stream: _stream, ...picture }, captureTime) {
      tellMode(picture)
      queue.push({ ...picture, captureTime })
      regulate()
    },
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

  /** Plays from `from` ms to the end. What cannot be kept as it comes goes on as JPEG, from the place that was reached. */
  async function playRound(
    version: FfmpegVersion,
    first: Reading,
    offsetMs: number,
  ): Promise<{ lengthMs: number; reading: Reading }> {
    const from = first.startMs ?? 0
    const place = createRecordingPlace(from)
    let reading = first
    for (;;) {
      const rule = dating.createRule(reading.mode)
      current = playOnce({
        plan,
        path,
        context,
        arguments: ffmpegArguments(plan, options, version, reading),
        mode: reading.mode,
        frameRate: options.frameRate,
        onPicture(picture) {
          if (!recorded) place.count()
          else if (!place.advance(picture, reading)) return
          rule.take(picture, place.playedMs() + offsetMs)
        },
      })
      if (paused) current.pause()
      const { exit, unsuitable } = await current.ended
      rule.end()
      stopping.signal.throwIfAborted()
      const reason = unsuitable ?? noKeyAfter(reading, exit.code, place.pictures())
      if (reason === undefined || reading.mode === 'jpeg') {
        const error = classifyExit(plan, exit, place.pictures(), from)
        if (error !== undefined) throw error
        return { lengthMs: place.lengthMs(), reading }
      }
      // A file opens again in no time, and may be another one by then; with a frame rate, the reason is not the input's.
      if (unsuitable !== undefined && plan.kind !== 'file' && options.frameRate === undefined)
        rememberUnsuitable(plan.url, unsuitable)
      tellJpeg(reason)
      reading = { mode: 'jpeg', startMs: recorded ? place.reachedMs() : undefined }
    }
  }

  function tellJpeg(reason: string): void {
    context.notice?.(`The pictures of "${plan.label}" are encoded as JPEG, for ${reason}`, { reason })
  }

  async function chooseReading(): Promise<Reading> {
    const known = plan.transcode ? undefined : unsuitableReason(plan.url)
    if (known === undefined) return chooseInputMode(plan, options, path, { signal: stopping.signal })
    tellJpeg(known)
    return { mode: 'jpeg' }
  }

  async function run(): Promise<void> {
    if (plan.path !== undefined) await checkFile(plan.path)
    const version = await probe(stopping.signal)
    let reading: Reading = { ...(await chooseReading()), ...(startMs > 0 && { startMs }) }
    let offsetMs = 0
    do {
      await whilePaused()
      stopping.signal.throwIfAborted()
      const round = await playRound(version, reading, offsetMs)
      offsetMs += round.lengthMs
      reading = { ...round.reading, startMs: undefined }
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

/** FFmpeg begins to copy at the key picture before the start; where none follows, the pictures after it can only be had by decoding. */
function noKeyAfter({ mode, startMs }: Reading, code: number | null, pictures: number): string | undefined {
  if (mode !== 'copy' || !startMs || code !== 0 || pictures > 0) return undefined
  return `no key frame follows ${startMs} ms`
}

/** Remembers the version once it is known; a failure is asked for again. */
export function createProbe(path = 'ffmpeg'): PlayerOptions['probe'] {
  let known: FfmpegVersion | undefined
  return async (signal) => {
    known ??= await probeFfmpeg(path, signal)
    return known
  }
}
