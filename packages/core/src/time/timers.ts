import { maxDelayMs } from '../util/delay.js'

/** Monotonic time and timers, injected so that tests need not wait. */
export interface Timers {
  /** Monotonic ms from an arbitrary origin. */
  now(): number
  /** Calls `callback` once after `delayMs`; keeps the process alive until then. Returns the cancellation. */
  after(delayMs: number, callback: () => void): () => void
  /** Calls `callback` every `intervalMs`, the first time within it; does not keep the process alive. Returns the cancellation. */
  every(intervalMs: number, callback: () => void): () => void
}

interface Ticker {
  readonly callbacks: Set<() => void>
  readonly timer: NodeJS.Timeout
}

/** By interval. Everything in a thread that looks once a second looks at the same time: to wake a thread costs more than what it does then. */
const tickers = new Map<number, Ticker>()

function startTicker(intervalMs: number): Ticker {
  const callbacks = new Set<() => void>()
  const timer = setInterval(() => {
    for (const callback of [...callbacks]) if (callbacks.has(callback)) callback()
  }, intervalMs)
  timer.unref()
  const ticker = { callbacks, timer }
  tickers.set(intervalMs, ticker)
  return ticker
}

/** The timers of this thread. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, maxDelayMs))
    return () => clearTimeout(timer)
  },
  every(intervalMs, callback) {
    const interval = Math.min(intervalMs, maxDelayMs)
    const ticker = tickers.get(interval) ?? startTicker(interval)
    // Its own, for the same function may be given twice.
    const entry = () => callback()
    ticker.callbacks.add(entry)
    return () => {
      ticker.callbacks.delete(entry)
      if (ticker.callbacks.size > 0) return
      clearInterval(ticker.timer)
      if (tickers.get(interval) === ticker) tickers.delete(interval)
    }
  },
}
