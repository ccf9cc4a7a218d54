import { SnapmintError } from '../errors/snapmint-error.js'
import type { HistoryWriter } from '../history/history-writer.js'
import type { Frame } from '../spec/frame.js'
import type { CaptureContext, FrameSource } from '../spec/frame-source.js'
import type { PipelineClock } from '../time/pipeline-clock.js'
import { expectNumber } from '../util/expect-option.js'
import { drainSource } from './drain-source.js'
import { validateFrame } from './validate-frame.js'

export interface CaptureLoopOptions {
  /** Opens the source for this run. */
  readonly open: () => FrameSource | Promise<FrameSource>
  readonly writer: HistoryWriter
  readonly clock: PipelineClock
  /** Ends the run. What the source yields or allocates after that no longer touches the history. */
  readonly signal: AbortSignal
  readonly maxAheadMs: number
  /** A frame is in the history. Its bytes are borrowed for the call. */
  readonly onAccepted: (frame: Frame) => void
  readonly onRejected: (error: SnapmintError) => void
  readonly onNotice: NonNullable<CaptureContext['notice']>
}

/**
 * One run of a source into the history. A frame that is refused is reported and does not end the run.
 *
 * Resolves when the source ends, or after `signal` aborted, with the source's next sign of life. Rejects with what the source threw.
 */
export async function captureLoop(options: CaptureLoopOptions): Promise<void> {
  const { open, writer, clock, signal, maxAheadMs, onAccepted, onRejected, onNotice } = options
  const source = await open()
  if (signal.aborted) return
  writer.beginRun()

  function accept(value: unknown): void {
    let frame: Frame
    try {
      const now = clock.now()
      frame = validateFrame(value, { now, maxAheadMs })
      writer.push(frame, now)
    } catch (error) {
      if (!SnapmintError.isInstance(error)) throw error
      // Chunks that refer to one that is not there would decode to a smeared picture: video goes on with its next key.
      writer.beginRun()
      onRejected(error)
      return
    }
    onAccepted(frame)
  }

  const context: CaptureContext = {
    signal,
    now: clock.now,
    allocate(byteLength) {
      if (!(Number.isInteger(byteLength) && byteLength > 0)) expectNumber('byteLength', byteLength, { min: 1, integer: true })
      // A source that was given up must not write where its successor does.
      return signal.aborted ? new Uint8Array(byteLength) : writer.allocate(byteLength)
    },
    notice(message, details) {
      if (!signal.aborted) onNotice(message, details)
    },
  }
  await drainSource(source, context, accept)
}
