import type { EpochMs } from '@snapmint/core/adapter'
import { createLeastOfWindow } from './least-of-window.js'

/** Two hosts set by NTP differ by a few ms: so much ahead of our own clock, in ms, is still trusted. */
const maxAheadMs = 50
/** When even the least delayed picture comes in later than this, in ms, after its time, rather the clock is wrong than camera and network so slow. */
const maxDelayMs = 500
/** A clock that lost trust has to be right for so long, in ms, to be trusted again. */
const probationMs = 30_000

export type ClockChoice = 'auto' | 'sender' | 'arrival'

export interface SenderClock {
  /**
   * Weighs one more unit.
   * @param delayMs arrival − the sender's time, both on the pipeline's clock.
   * @returns whether the sender's time is to be used.
   */
  trusts(delayMs: number, arrival: EpochMs): boolean
}

/**
 * Decides whether a sender's wall clock can be believed: when its pictures come in within half a second after they were taken, and not before. A network may delay single ones, so
 * the least delay of the recent past counts.
 *
 * @param onChange told of the first decision and of each other one.
 */
export function createSenderClock(choice: ClockChoice, onChange: (used: boolean, delayMs: number) => void): SenderClock {
  let trusted: boolean | undefined
  let wrongAt = Number.NEGATIVE_INFINITY
  let window: ReturnType<typeof createLeastOfWindow> | undefined

  return {
    trusts(delayMs, arrival) {
      if (choice !== 'auto') return choice === 'sender'
      window ??= createLeastOfWindow(arrival)
      const least = window.add(delayMs, arrival)
      const plausible = least >= -maxAheadMs && least <= maxDelayMs
      if (!plausible) wrongAt = arrival
      const next = plausible && (trusted === true || arrival - wrongAt >= probationMs)
      if (next !== trusted) onChange(next, least)
      trusted = next
      return next
    },
  }
}
