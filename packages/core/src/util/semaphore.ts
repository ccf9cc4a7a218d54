/** Bounds how many do something at the same time. First come, first served. */
export interface Semaphore {
  /** Runs `work` as soon as a place is free. Rejects with the signal's reason when aborted while queueing. */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

export function createSemaphore(places: number): Semaphore {
  const queue = new Set<() => void>()
  let free = places

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (free > 0) {
      free--
      return
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
  }

  function leave(): void {
    const next = queue.values().next().value
    if (next === undefined) {
      free++
      return
    }
    queue.delete(next)
    next()
  }

  return {
    async run(signal, work) {
      await enter(signal)
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
