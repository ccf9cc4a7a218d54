import { SnapmintError, type VideoChunk } from '@snapmint/core/adapter'
import { startFfmpeg } from '../ffmpeg/ffmpeg-process.js'
import type { FfmpegVersion } from '../ffmpeg/ffmpeg-version.js'
import { readJpegHead } from '../mjpeg/jpeg-bytes.js'
import { decodeArguments, formatOf } from './decode-arguments.js'
import { createDamageFinder } from './find-damage.js'

/** One decoded picture. */
export interface DecodedPicture {
  readonly data: Uint8Array<ArrayBuffer>
  readonly codedWidth: number | undefined
  readonly codedHeight: number | undefined
}

export interface DecodeRunOptions {
  readonly path: string
  readonly version: FfmpegVersion
  readonly quality: number
  readonly threads: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** The pictures by the position of their chunk; or why they cannot be had, as the end of a sentence. */
export type Decoded = ReadonlyMap<number, DecodedPicture> | { readonly damage: string }

/** Signals after which a process that does not heed SIGTERM is killed, in ms. */
const killAfterMs = 200

/**
 * Decodes a key chunk and its deltas with one process of FFmpeg.
 * @param positions those chunks whose pictures are wanted, rising; the last one is the last of `chunks`.
 * @throws `SNAPMINT_DECODE_FAILED` when FFmpeg fails for another reason than the chunks; `SNAPMINT_MISSING_DEPENDENCY`; the signal's reason.
 */
export async function decodeRun(
  chunks: readonly VideoChunk<ArrayBuffer>[],
  positions: readonly number[],
  { path, version, quality, threads, timeoutMs, signal }: DecodeRunOptions,
): Promise<Decoded> {
  signal.throwIfAborted()
  const format = formatOf(chunks[0]?.codec ?? '')
  if (format === undefined) throw failed(`its codec, ${chunks[0]?.codec}, is neither H.264 nor H.265`)
  const pictures: DecodedPicture[] = []
  const finder = createDamageFinder()
  let late = false
  const process = startFfmpeg({
    path,
    arguments: decodeArguments(format, positions, { quality, version, threads }),
    input: chunks.map(({ data }) => data),
    onPacket({ data, stream }) {
      const { codedWidth = stream.codedWidth, codedHeight = stream.codedHeight } = readJpegHead(data) ?? {}
      pictures.push({ data, codedWidth, codedHeight })
    },
    onLine: finder.take,
    killAfterMs,
  })
  const stop = () => void process.stop()
  const timer = setTimeout(() => {
    late = true
    stop()
  }, timeoutMs)
  signal.addEventListener('abort', stop)
  const exit = await process.exited
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (late) throw failed(`ffmpeg did not end within ${timeoutMs} ms`)
  if (exit.failure !== undefined) throw failed(`ffmpeg failed: ${exit.failure}`)
  const damage = finder.verdict(chunks.length)
  if (damage !== undefined) return { damage }
  if (exit.signal !== null) throw failed(`ffmpeg was killed by ${exit.signal}`)
  if (exit.code !== 0) return { damage: `ffmpeg ended with exit code ${exit.code}${quoted(exit.lines.at(-1))}` }
  if (pictures.length !== positions.length)
    return { damage: `${pictures.length} pictures came out where ${positions.length} were wanted` }
  return new Map(positions.map((position, index) => [position, pictures[index] as DecodedPicture]))
}

const quoted = (line: string | undefined) => (line === undefined ? '' : `: ${line.slice(0, 200)}`)

/** @param why the end of a sentence. */
export function failed(why: string): SnapmintError {
  return new SnapmintError('SNAPMINT_DECODE_FAILED', `A picture could not be decoded: ${why}`, { adapter: 'ffmpeg' })
}
