import type { CaptureOptions } from '../capture/capture-options.js'
import type { SourceEmit } from '../capture/capture-supervisor.js'
import { type Capture, startCapture } from '../capture/start-capture.js'
import type { SourceAccess } from '../delivery/source-access.js'
import { createFrameWaiter } from '../history/frame-waiter.js'
import type { HistoryHandle } from '../history/history.js'
import { attachHistory } from '../history/history-reader.js'
import type { EventBus } from '../observe/event-bus.js'
import type { EpochMs } from '../spec/frame.js'
import type { FrameSource } from '../spec/frame-source.js'
import type { ClockHandle } from '../time/pipeline-clock.js'
import { followFrames } from './follow-frames.js'
import type { SourceStatus } from './pipeline-status.js'

export interface SourceRuntimeOptions {
  readonly name: string
  readonly source: FrameSource
  readonly history: HistoryHandle
  readonly clock: ClockHandle
  readonly capture: CaptureOptions | undefined
  readonly events: EventBus
  readonly now: () => EpochMs
  readonly random: () => number
}

/** One source at work: its capture, its history, and the delivery side's view of both. */
export interface SourceRuntime extends SourceAccess {
  readonly capture: Capture
  readonly history: HistoryHandle
  status(): SourceStatus
  stop(): Promise<void>
}

/** No frame for so long, in ms: the rate is 0, whatever it was. */
const STILL_MS = 3_000

export function startSource({
  name,
  source,
  history,
  clock,
  capture: options,
  events,
  now,
  random,
}: SourceRuntimeOptions): SourceRuntime {
  const reader = attachHistory(history)
  const capture = startCapture({ name, source, history, clock, options, emit: events.emit as SourceEmit, random })
  const unfollow = followFrames({ name, reader, events })

  return {
    name,
    reader,
    capture,
    history,
    waiter: createFrameWaiter(reader),
    decoder: source.decoder,
    exhausted: () => ['ended', 'failed', 'stopped'].includes(capture.state()),
    status() {
      const history = reader.stats()
      const frameRate = now() - (history.newestCaptureTime ?? 0) > STILL_MS ? 0 : history.frameRate
      return { state: capture.state(), ...capture.figures(), history: { ...history, frameRate } }
    },
    async stop() {
      await capture.stop()
      unfollow()
    },
  }
}
