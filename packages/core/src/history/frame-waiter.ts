import type { EpochMs } from '../spec/frame.js'
import type { HistoryReader } from './history-reader.js'

/** Waits for moments that are not captured yet. */
export interface FrameWaiter {
  /**
   * Resolves to true as soon as the history holds a frame at or after `targetTime`, to false when `timeoutMs` have passed without.
   *
   * @throws the signal's reason when aborted.
   */
  waitFor(
    targetTime: EpochMs,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<boolean>
  /** Moments waited for. */
  readonly size: number
}

interface Waiting {
  readonly targetTime: EpochMs
  readonly deadline: number
  settle(found: boolean): void
}

/**
 * Looks at the history every `pollMs` while somebody waits: one atomic load, whatever the number of waiters. The capture thread is not asked to send
 * anything, so that it works from any thread and costs the writer nothing.
 */
export function createFrameWaiter(reader: HistoryReader, { pollMs = 5 } = {}): FrameWaiter {
  const waiting = new Set<Waiting>()
  let timer: NodeJS.Timeout | undefined

  const newestTime = () => reader.newest()?.captureTime ?? Number.NEGATIVE_INFINITY

  function look(): void {
    const newest = newestTime()
    const now = performance.now()
    for (const item of waiting) {
      if (item.targetTime <= newest) item.settle(true)
      else if (item.deadline <= now) item.settle(false)
    }
  }

  return {
    get size() {
      return waiting.size
    },
    waitFor(targetTime, { timeoutMs, signal }) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        if (targetTime <= newestTime()) return resolve(true)
        const item: Waiting = {
          targetTime,
          deadline: performance.now() + timeoutMs,
          settle(found) {
            leave()
            resolve(found)
          },
        }
        const onAbort = () => {
          leave()
          reject(signal?.reason)
        }
        const leave = () => {
          waiting.delete(item)
          signal?.removeEventListener('abort', onAbort)
          if (waiting.size > 0) return
          clearInterval(timer)
          timer = undefined
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        waiting.add(item)
        timer ??= setInterval(look, pollMs)
      })
    },
  }
}
