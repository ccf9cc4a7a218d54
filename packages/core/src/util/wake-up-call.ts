import { maxDelayMs } from './delay.js'

/** One timer that is set anew as the moment to wait for changes. */
export interface WakeUpCall {
  /** Calls back in `delayMs`, or never when undefined. Replaces what was set before. */
  set(delayMs: number | undefined): void
}

/** Longer delays than Node's timers can measure call back too early: `callback` is a hint, and sets the rest of the delay. */
export function createWakeUpCall(callback: () => void): WakeUpCall {
  let timer: NodeJS.Timeout | undefined
  return {
    set(delayMs) {
      clearTimeout(timer)
      timer = delayMs === undefined ? undefined : setTimeout(callback, Math.min(maxDelayMs, Math.max(0, Math.ceil(delayMs))))
    },
  }
}
