import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { HeldFrame } from '../history/history-reader.js'
import type { EpochMs, ImageFrame, VideoChunk } from '../spec/frame.js'
import type { StillDecoder } from '../spec/frame-source.js'
import type { Snapshot } from '../spec/media.js'
import { bounded, isAbortOf } from '../util/abort.js'
import { sha256Hex } from '../util/sha256.js'

/** How long a decoder may take, in ms. */
const DECODE_TIMEOUT_MS = 30_000

/**
 * Makes the finished still of a held frame: an image as it is, a video chunk through the source's decoder. Its captureTime is that of the picture it shows, which is an
 * earlier one of the run where the decoder found the last to be damaged.
 *
 * @throws `SNAPMINT_DECODER_MISSING`, `SNAPMINT_DECODE_FAILED`
 */
export async function renderSnapshot(
  source: string,
  held: HeldFrame,
  decoder: StillDecoder | undefined,
  signal: AbortSignal,
): Promise<Snapshot> {
  const last = held.run.at(-1)!
  const still = 'mimeType' in last ? last : await decode(source, held.run as readonly VideoChunk<ArrayBuffer>[], decoder, signal)
  const { mimeType, data, codedWidth, codedHeight, rotation } = still
  const sha256 = await sha256Hex(data)
  return {
    kind: 'snapshot',
    source,
    captureTime: shownTime(held, still),
    mimeType,
    data,
    sha256,
    codedWidth,
    codedHeight,
    rotation,
  }
}

/** A decoder may have had to take an earlier chunk of the run. Of any other time it says nothing: the history's counts. */
function shownTime({ run, info }: HeldFrame, { captureTime }: { captureTime: EpochMs }): EpochMs {
  return run.some((frame) => frame.captureTime === captureTime) ? captureTime : info.captureTime
}

async function decode(
  source: string,
  run: readonly VideoChunk<ArrayBuffer>[],
  decoder: StillDecoder | undefined,
  signal: AbortSignal,
): Promise<ImageFrame<ArrayBuffer>> {
  if (decoder === undefined) {
    throw new SnapmintError(
      'SNAPMINT_DECODER_MISSING',
      `Source "${source}" delivers video (${run.at(-1)!.codec}) but has no decoder; give it one`,
    )
  }
  const timeoutError = () => failed(source, `the decoder did not answer within ${DECODE_TIMEOUT_MS} ms`)
  try {
    const still = await bounded((aborted) => decoder.decode(run, { signal: aborted }), {
      signal,
      timeoutMs: DECODE_TIMEOUT_MS,
      timeoutError,
    })
    if (still?.data instanceof Uint8Array && still.data.byteLength > 0 && typeof still.mimeType === 'string') return still
    throw failed(source, 'the decoder answered no picture')
  } catch (error) {
    if (isAbortOf(signal, error) || SnapmintError.isInstance(error)) throw error
    throw failed(source, errorMessage(error), error)
  }
}

function failed(source: string, why: string, cause?: unknown): SnapmintError {
  return new SnapmintError('SNAPMINT_DECODE_FAILED', `The picture of source "${source}" could not be decoded: ${why}`, { cause })
}
