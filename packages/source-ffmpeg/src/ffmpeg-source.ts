import type { CaptureContext, Frame, FrameSource } from '@snapmint/core/adapter'
import { createPlayer } from './create-player.js'
import { createStillDecoder } from './decode/still-decoder.js'
import { createProbe } from './ffmpeg/ffmpeg-player.js'
import { type FfmpegSourceOptions, validateOptions } from './ffmpeg-source-options.js'
import { planInput } from './input/plan-input.js'
import type { Player, PlayerOptions } from './player.js'

/**
 * Frames of whatever FFmpeg opens: a video file played in real time or looped, a network stream, a device. H.264, H.265 and JPEG come as they are, all else as JPEG; its
 * decoder makes pictures of video when they are asked for. FFmpeg itself, one process for each run, reads all but RTSP and JPEG over HTTP, which this process reads.
 *
 * captureTime is, for live inputs, when the picture was taken by the clock of the device or sender where that is known, else when it came in; for recordings, the
 * time at which the first frame was played plus the frame's own place in the recording. Frames belong to the consumer.
 *
 * Runs throw `SNAPMINT_MISSING_DEPENDENCY` (no FFmpeg ≥ 5), `SNAPMINT_SOURCE_NOT_FOUND`, `SNAPMINT_SOURCE_UNREADABLE`, `SNAPMINT_SOURCE_UNAUTHORIZED`,
 * `SNAPMINT_SOURCE_UNAVAILABLE`, `SNAPMINT_SOURCE_ENDED`, `SNAPMINT_SOURCE_CRASHED` and `SNAPMINT_SOURCE_FAILED`.
 * @throws TypeError, RangeError for options that are wrong.
 */
export function ffmpegSource(options: FfmpegSourceOptions): FrameSource {
  validateOptions(options)
  const settings = { ...options, ...(options.inputOptions && { inputOptions: [...options.inputOptions] }) }
  const plan = planInput(settings)
  const probe = createProbe(settings.ffmpegPath)
  return {
    specVersion: 1,
    adapter: 'ffmpeg',
    finite: plan.finite,
    host: { kind: 'thread', module: new URL('./ffmpeg-host.js', import.meta.url), options: settings },
    frames: (context) => iterate(context, withDecoder(createPlayer({ plan, options: settings, context, probe }), probe, context)),
    decoder: createStillDecoder({ ffmpegPath: settings.ffmpegPath, quality: settings.quality }),
  }
}

/** Video is of no use to who cannot decode it: says so with the first chunk, and not hours later with the first job. */
function withDecoder(player: Player, probe: PlayerOptions['probe'], { signal }: CaptureContext): Player {
  let checked = false

  async function check(): Promise<IteratorResult<Frame>> {
    const result = await player.next()
    if (checked || result.done === true) return result
    checked = true
    if ('codec' in result.value && !signal.aborted) await checkProgram()
    return result
  }

  return { next: () => (checked ? player.next() : check()), stop: () => player.stop() }

  async function checkProgram(): Promise<void> {
    try {
      await probe(signal)
    } catch (error) {
      if (signal.aborted) return
      await player.stop()
      throw error
    }
  }
}

/** An iterator by hand: unlike a generator's, its `return()` works while a `next()` waits. */
function iterate({ signal }: CaptureContext, player: Player): AsyncIterableIterator<Frame> {
  let listening = false
  const unlisten = () => signal.removeEventListener('abort', stop)
  const stop = () => {
    unlisten()
    return player.stop()
  }

  async function begin(): Promise<IteratorResult<Frame>> {
    if (signal.aborted) await stop()
    else if (!listening) signal.addEventListener('abort', stop)
    listening = true
    return take()
  }

  const take = () => player.next().then(onResult, onError)

  function onResult(result: IteratorResult<Frame>): IteratorResult<Frame> {
    if (result.done === true) unlisten()
    return result
  }

  function onError(error: unknown): never {
    unlisten()
    throw error
  }

  const iterator: AsyncIterableIterator<Frame> = {
    [Symbol.asyncIterator]: () => iterator,
    next: () => (listening && !signal.aborted ? take() : begin()),
    async return() {
      await stop()
      return { done: true, value: undefined }
    },
  }
  return iterator
}
