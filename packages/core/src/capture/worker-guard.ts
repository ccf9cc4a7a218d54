import type { Timers } from '../time/timers.js'

/** The worker's heart beats so often, in ms. Each beat wakes a thread: with a camera of 30 frames a second, four a second were a tenth of its waking. */
export const heartbeatMs = 1000

/** The guard looks so often, in ms. */
const lookMs = 1000
/** What a longer time between two looks counts for, in ms. */
const gapMs = 500
/** Silence is believed for at least so long, in ms. */
const leastSilenceMs = 5000

export interface WorkerGuardOptions {
  /** The worker's count of heartbeats. */
  readonly heartbeat: () => number
  readonly stallMs: number
  readonly timers: Pick<Timers, 'now' | 'every'>
  /** Called once, with how long the heart has been still. */
  readonly onUnresponsive: (silentMs: number) => void
}

/**
 * Watches from the main thread whether a worker's event loop still turns. It is unresponsive after max(5 s, `stallMs`) without a heartbeat.
 *
 * When the main thread was blocked itself, or the whole machine was suspended, the time between two looks says nothing about the worker: of each such gap
 * only the half of what is normally between two looks is counted, and the worker has all the others to show itself.
 *
 * @returns how to stop watching.
 */
export function startWorkerGuard({ heartbeat, stallMs, timers, onUnresponsive }: WorkerGuardOptions): () => void {
  const limitMs = Math.max(leastSilenceMs, stallMs)
  let beats = heartbeat()
  let lookedAt = timers.now()
  let silentMs = 0
  const stop = timers.every(lookMs, () => {
    const elapsedMs = timers.now() - lookedAt
    lookedAt = timers.now()
    if (heartbeat() !== beats) {
      beats = heartbeat()
      silentMs = 0
      return
    }
    silentMs += elapsedMs > lookMs + gapMs ? gapMs : Math.min(elapsedMs, lookMs)
    if (silentMs < limitMs) return
    stop()
    onUnresponsive(silentMs)
  })
  return stop
}
