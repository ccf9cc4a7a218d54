import type { ImageFrame, StillDecoder, VideoChunk } from '@snapmint/core/adapter'
import { expectKnownOptions, expectNumber, expectString } from '@snapmint/core/adapter'
import { createProbe } from '../ffmpeg/ffmpeg-player.js'
import { type DecodedPicture, decodeRun, failed } from './decode-run.js'
import { decodeSoundest } from './decode-soundest.js'

export interface StillDecoderOptions {
  /** The program. Default `ffmpeg`, found through `PATH`. FFmpeg 5 or later. */
  readonly ffmpegPath?: string | undefined
  /** JPEG quality from 1 to 100, mapped onto FFmpeg's scale. Default 90. */
  readonly quality?: number | undefined
  /** At most so many processes at once. Default 2. */
  readonly concurrency?: number | undefined
  /** A process that takes longer, in ms, is killed. Default 20,000: core waits 30,000. */
  readonly timeoutMs?: number | undefined
}

type Run = readonly VideoChunk<ArrayBuffer>[]

interface Request {
  readonly run: Run
  readonly resolve: (still: ImageFrame<ArrayBuffer>) => void
  readonly reject: (error: unknown) => void
  abandoned: boolean
}

/** More pictures than this of one run are left to the next process: they wait in memory until all of them are proven sound. */
const maxPictures = 100
/** Threads of one process: several of them may run at once. */
const threads = 2

/**
 * A {@link StillDecoder} that runs FFmpeg for a moment: chunks in, JPEG out. Requests that wait for pictures of the same run are answered by one process.
 *
 * A picture is delivered only if every chunk up to it decoded without anything being made up. Where the last chunk is damaged, or one that it needs, the answer is
 * the picture of the last sound chunk before it: its captureTime says so.
 *
 * `decode` rejects with `SNAPMINT_DECODE_FAILED`, `SNAPMINT_MISSING_DEPENDENCY`, or the signal's reason; then the process is gone, unless others wait for it.
 * @throws TypeError, RangeError for options that are wrong.
 */
export function createStillDecoder(options: StillDecoderOptions = {}): StillDecoder {
  expectKnownOptions('createStillDecoder', options, ['ffmpegPath', 'quality', 'concurrency', 'timeoutMs'])
  const { ffmpegPath = 'ffmpeg', quality = 90, concurrency = 2, timeoutMs = 20_000 } = options
  expectString('ffmpegPath', ffmpegPath)
  expectNumber('quality', quality, { min: 1, max: 100 })
  expectNumber('concurrency', concurrency, { min: 1, max: 64, integer: true })
  expectNumber('timeoutMs', timeoutMs, { min: 1, max: 2 ** 31 - 1 })
  const probe = createProbe(ffmpegPath)
  const waiting: Request[] = []
  const groups = new Map<Request, AbortController>()
  let active = 0

  async function serve(group: readonly Request[], signal: AbortSignal): Promise<void> {
    const version = await probe(signal)
    const longest = group.reduce((best, { run }) => (run.length > best.length ? run : best), [] as Run)
    const positions = [...new Set(group.map(({ run }) => run.length - 1))].sort((a, b) => a - b)
    const { pictures, lastSound, damage } = await decodeSoundest(longest, positions, (chunks, wanted) =>
      decodeRun(chunks, wanted, { path: ffmpegPath, version, quality, threads, timeoutMs, signal }),
    )
    const handedOut = new Set<DecodedPicture>()
    for (const { run, resolve, reject } of group) {
      const position = Math.min(run.length - 1, lastSound)
      const picture = pictures.get(position)
      const chunk = run[position]
      if (picture === undefined || chunk === undefined) reject(failed(damage ?? 'its key chunk gave no picture'))
      else resolve(toStill(handedOut.has(picture) ? { ...picture, data: picture.data.slice() } : picture, chunk))
      if (picture !== undefined) handedOut.add(picture)
    }
  }

  function start(): void {
    while (active < concurrency && waiting.length > 0) {
      const group = takeGroup(waiting)
      const abort = new AbortController()
      for (const request of group) groups.set(request, abort)
      active += 1
      void serve(group, abort.signal)
        .catch((error: unknown) => {
          for (const { reject } of group) reject(error)
        })
        .finally(() => {
          for (const request of group) groups.delete(request)
          active -= 1
          start()
        })
    }
  }

  /** The process is ended when nobody waits for it any more. */
  function abandon(request: Request): void {
    request.abandoned = true
    const place = waiting.indexOf(request)
    if (place >= 0) waiting.splice(place, 1)
    const abort = groups.get(request)
    if (abort === undefined) return
    const wanted = [...groups].some(([other, itsAbort]) => itsAbort === abort && !other.abandoned)
    if (!wanted) abort.abort(new Error('Nobody waits for the picture any more'))
  }

  return {
    decode(run, { signal }) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        if (run.length === 0) throw failed('its run has no chunks')
        const settle = () => signal.removeEventListener('abort', onAbort)
        const request: Request = {
          run,
          abandoned: false,
          resolve(still) {
            settle()
            resolve(still)
          },
          reject(error) {
            settle()
            reject(error)
          },
        }
        function onAbort(): void {
          abandon(request)
          request.reject(signal.reason)
        }
        signal.addEventListener('abort', onAbort)
        waiting.push(request)
        // Requests that come together are answered together.
        if (waiting.length === 1) setImmediate(start)
      })
    },
  }
}

/** Takes the first request and those of the same run, as many as go into one process. */
function takeGroup(waiting: Request[]): Request[] {
  const first = waiting[0] as Request
  const group: Request[] = []
  const positions = new Set<number>()
  for (const request of [...waiting]) {
    const position = request.run.length - 1
    if (!isSameRun(first.run, request.run) || (positions.size >= maxPictures && !positions.has(position))) continue
    positions.add(position)
    group.push(request)
    waiting.splice(waiting.indexOf(request), 1)
  }
  return group
}

/** Whether one is the beginning of the other. Two runs of one history with the same key chunk always are. */
function isSameRun(a: Run, b: Run): boolean {
  const end = Math.min(a.length, b.length) - 1
  return [0, end].every((index) => {
    const one = a[index]
    const other = b[index]
    if (one === undefined || other === undefined) return false
    return one.captureTime === other.captureTime && one.codec === other.codec && one.data.byteLength === other.data.byteLength
  })
}

function toStill(
  { data, codedWidth, codedHeight }: DecodedPicture,
  { captureTime, rotation }: VideoChunk<ArrayBuffer>,
): ImageFrame<ArrayBuffer> {
  return { mimeType: 'image/jpeg', captureTime, data, codedWidth, codedHeight, rotation }
}
