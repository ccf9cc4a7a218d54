/** Bounds how many do something at the same time. First come, first served. */
export interface Semaphore {
  /**
   * Waits for a place. Resolves to the function that leaves it; calling that twice leaves once.
   *
   * @throws the signal's reason when aborted while waiting.
   */
  enter(signal: AbortSignal): Promise<() => void>
}

export function createSemaphore(places: number): Semaphore {
  const queue = new Set<() => void>()
  let free = places

  function leave(): void {
    const next = queue.values().next().value
    if (next === undefined) {
      free++
      return
    }
    queue.delete(next)
    next()
  }

  function leaveOnce(): () => void {
    let left = false
    return () => {
      if (!left) leave()
      left = true
    }
  }

  return {
    async enter(signal) {
      signal.throwIfAborted()
      if (free > 0) {
        free--
        return leaveOnce()
      }
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          queue.delete(admit)
          reject(signal.reason)
        }
        const admit = () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        }
        signal.addEventListener('abort', onAbort, { once: true })
        queue.add(admit)
      })
      return leaveOnce()
    },
  }
}
