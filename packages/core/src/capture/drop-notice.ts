import type { Timers } from '../time/timers.js'

/** Tells that frames were dropped: at once for the first, then at most once a second. */
export interface DropNotice {
  add(count: number): void
  stop(): void
}

export function createDropNotice(timers: Pick<Timers, 'after'>, tell: (count: number) => void): DropNotice {
  let dropped = 0
  let cancel: (() => void) | undefined

  function open(): void {
    cancel = timers.after(1000, () => {
      cancel = undefined
      if (dropped === 0) return
      const count = dropped
      dropped = 0
      open()
      tell(count)
    })
  }

  return {
    add(count) {
      if (count === 0) return
      if (cancel !== undefined) {
        dropped += count
        return
      }
      open()
      tell(count)
    },
    stop() {
      cancel?.()
      if (dropped > 0) tell(dropped)
      dropped = 0
    },
  }
}
