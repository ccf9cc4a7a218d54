import type { FrameInfo } from '../history/frame-info.js'
import type { HistoryReader } from '../history/history-reader.js'
import type { EventBus } from '../observe/event-bus.js'
import { systemTimers } from '../time/timers.js'
import { maxDelayMs } from '../util/delay.js'

/** How often new frames are looked for while somebody listens to `frame:captured`, in ms. */
const followMs = 20
/** How often it is looked whether a tool has subscribed on `diagnostics_channel`, which tells nobody; in ms. A thread that sleeps costs nothing. */
const restMs = 1000

export interface FollowFramesOptions {
  readonly name: string
  readonly reader: HistoryReader
  readonly events: EventBus
}

/**
 * Emits `frame:captured` for each frame of a history. The capture thread sends nothing per frame: who listens pays for the looking, and while nobody does there is none.
 *
 * @returns how to end it; frames that came since the last look are reported first.
 */
export function followFrames({ name, reader, events }: FollowFramesOptions): () => void {
  let following = events.hasListeners('frame:captured')
  let reported: FrameInfo | undefined
  let stopLooking = startLooking()
  /** The looking keeps no process alive; a pipeline does, until it is stopped. */
  const alive = setInterval(() => {}, maxDelayMs)

  function startLooking(): () => void {
    if (!following) return systemTimers.every(restMs, turn)
    const timer = setInterval(turn, followMs)
    return () => clearInterval(timer)
  }

  /** By time, not by number: more frames may come between two questions to the reader, and none may be told twice or left out. */
  function look(): void {
    const last = reported
    if (reader.newest()?.sequenceNumber === last?.sequenceNumber) return
    const since = reader.range(last?.captureTime ?? 0, Number.POSITIVE_INFINITY)
    const frames = since.filter(({ sequenceNumber }) => sequenceNumber !== last?.sequenceNumber)
    reported = frames.at(-1) ?? last
    for (const { captureTime, sequenceNumber, bytes } of frames) {
      events.emit('frame:captured', { source: name, captureTime, sequenceNumber, bytes })
    }
  }

  function follow(wanted: boolean): void {
    if (wanted === following) return
    following = wanted
    stopLooking()
    stopLooking = startLooking()
  }

  /** Frames from before anybody listened are not reported. */
  function skip(): void {
    reported = reader.newest()
  }

  function turn(): void {
    const wanted = events.hasListeners('frame:captured')
    if (wanted && following) look()
    else if (wanted) skip()
    follow(wanted)
  }

  const ignore = events.onListener('frame:captured', () => {
    if (events.hasListeners('frame:captured')) look()
    else skip()
    follow(true)
  })
  return () => {
    ignore()
    stopLooking()
    clearInterval(alive)
    if (following) look()
  }
}
