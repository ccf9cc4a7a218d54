import type { HistoryReader } from '../history/history-reader.js'
import type { EventBus } from '../observe/event-bus.js'

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
  let reported: number | undefined
  let timer = setInterval(turn, following ? followMs : restMs)

  function look(): void {
    const newest = reader.newest()?.sequenceNumber
    if (newest === undefined || newest === reported) return
    const count = reported === undefined ? reader.stats().frames : (newest - reported) >>> 0
    reported = newest
    for (const { captureTime, sequenceNumber, bytes } of reader.latest(count)) {
      events.emit('frame:captured', { source: name, captureTime, sequenceNumber, bytes })
    }
  }

  function follow(wanted: boolean): void {
    if (wanted === following) return
    following = wanted
    clearInterval(timer)
    timer = setInterval(turn, wanted ? followMs : restMs)
  }

  /** Frames from before anybody listened are not reported. */
  function skip(): void {
    reported = reader.newest()?.sequenceNumber
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
    clearInterval(timer)
    if (following) look()
  }
}
