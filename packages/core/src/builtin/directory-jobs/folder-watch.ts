import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often the folder is compared with the one that is watched, in ms. */
const checkEveryMs = 1_000

/** A program that files a hundred jobs wakes the pipeline once. */
const debounceMs = 2

/**
 * Calls `onChange` when something in `folder` may have changed, until `signal` aborts. A watcher of a folder that is removed and made again hears nothing
 * more and does not say so: the folder is looked at every second, and watched anew. Where it cannot be watched (too many watchers, a network file
 * system) `onChange` is called every second instead.
 */
export async function watchFolder(folder: string, onChange: () => void, signal: AbortSignal): Promise<void> {
  let watcher: FSWatcher | undefined
  let watched: string | undefined
  let pending: NodeJS.Timeout | undefined

  function changed(): void {
    pending ??= setTimeout(() => {
      pending = undefined
      onChange()
    }, debounceMs)
  }

  function stopWatching(): void {
    watcher?.close()
    watcher = undefined
    watched = undefined
  }

  function startWatching(identity: string): void {
    try {
      watcher = watch(folder, { persistent: false })
      watcher.on('change', changed)
      watcher.on('error', stopWatching)
      watched = identity
    } catch {
      stopWatching()
    }
  }

  try {
    while (!signal.aborted) {
      const identity = await identityOf(folder)
      if (identity !== watched || identity === undefined) {
        stopWatching()
        if (identity !== undefined) startWatching(identity)
        // What came while nobody listened.
        if (!signal.aborted) changed()
      }
      await sleep(checkEveryMs, undefined, { signal, ref: false }).catch(() => {})
    }
  } finally {
    stopWatching()
    clearTimeout(pending)
  }
}

async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino, birthtimeMs } = await stat(folder)
    return `${dev}:${ino}:${birthtimeMs}`
  } catch {
    return undefined
  }
}
