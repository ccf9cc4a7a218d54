import type { Timers } from '../time/timers.js'

export interface StallWatchdog {
  /** There was a sign of life. Costs no timer. */
  feed(): void
  stop(): void
}

/** A timer that fires later than this was held up by a blocked thread. */
const heldUpMs = 50
const maxPostponements = 3

/**
 * Calls `onStall` once when it was not fed for `limitMs`. A thread that was itself blocked has its frames still to read: the verdict is put off by
 * as long as the timer was late.
 */
export function startStallWatchdog(limitMs: number, timers: Timers, onStall: () => void): StallWatchdog {
  let quietSince = timers.now()
  let postponements = 0
  let cancel = () => {}
  arm(limitMs)

  function arm(delayMs: number): void {
    const due = timers.now() + delayMs
    cancel = timers.after(delayMs, () => judge(timers.now() - due))
  }

  function judge(lateMs: number): void {
    const quietMs = timers.now() - quietSince
    if (quietMs < limitMs) {
      postponements = 0
      arm(limitMs - quietMs)
    } else if (lateMs > heldUpMs && postponements < maxPostponements) {
      postponements++
      arm(Math.min(lateMs, limitMs))
    } else {
      onStall()
    }
  }

  return {
    feed() {
      quietSince = timers.now()
    },
    stop: () => cancel(),
  }
}
