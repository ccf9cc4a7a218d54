import type { SnapmintError } from '../errors/snapmint-error.js'
import type { Timers } from '../time/timers.js'

export interface RejectionReporter {
  /** Counts a rejected frame; reports it at once, or within a second when its code was reported less than a second ago. */
  reject(error: SnapmintError): void
  /** Reports what is still to be reported. */
  flush(): void
}

const windowMs = 1000

/** Turns rejected frames into at most one report a second and code, each with the count since the one before. */
export function createRejectionReporter(
  timers: Timers,
  report: (error: SnapmintError, count: number) => void,
): RejectionReporter {
  const windows = new Map<string, { error: SnapmintError; count: number; cancel: () => void }>()

  function close(code: string): void {
    const window = windows.get(code)
    windows.delete(code)
    if (window === undefined || window.count === 0) return
    open(window.error)
    report(window.error, window.count)
  }

  function open(error: SnapmintError): void {
    windows.set(error.code, { error, count: 0, cancel: timers.after(windowMs, () => close(error.code)) })
  }

  return {
    reject(error) {
      const window = windows.get(error.code)
      if (window === undefined) {
        open(error)
        report(error, 1)
      } else {
        window.error = error
        window.count++
      }
    },
    flush() {
      for (const [code, { error, count, cancel }] of windows) {
        cancel()
        windows.delete(code)
        if (count > 0) report(error, count)
      }
    },
  }
}
