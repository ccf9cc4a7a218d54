import { maxDelayMs } from '../util/delay.js'

/** Monotonic time and timers, injected so that tests need not wait. */
export interface Timers {
  /** Monotonic ms from an arbitrary origin. */
  now(): number
  /** Calls `callback` once after `delayMs`; keeps the process alive until then. Returns the cancellation. */
  after(delayMs: number, callback: () => void): () => void
  /** Calls `callback` every `intervalMs`; does not keep the process alive. Returns the cancellation. */
  every(intervalMs: number, callback: () => void): () => void
}

/** The timers of this thread. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, maxDelayMs))
    return () => clearTimeout(timer)
  },
  every(intervalMs, callback) {
    const timer = setInterval(callback, Math.min(intervalMs, maxDelayMs))
    timer.unref()
    return () => clearInterval(timer)
  },
}
