import type { CollectionScan } from './collection-scan.js'
import type { HandedOutJobs } from './handed-out.js'
import type { JobListener } from './job-listener.js'
import type { WaitingList } from './waiting-list.js'

export interface BacklogOptions {
  readonly scan: Pick<CollectionScan, 'isActive'>
  readonly list: Pick<WaitingList, 'ready'>
  readonly works: Pick<HandedOutJobs, 'size'>
  readonly listener: Pick<JobListener, 'pause' | 'resume'>
  readonly listenerLimit: number
}

export interface Backlog {
  /** Called after each claim and each settle. */
  look(): void
  close(): void
}

/** How long after the last page the rest of a backlog may take before somebody listens again, in ms. */
const restMs = 1_000

/**
 * While a backlog is read page by page, nobody listens: the scan comes by what is new, in its turn. An open listener to a limited query costs a read of the
 * query's results at every commit that takes documents out of them, and hears of each change under way; what it would have told is in its first answer afterwards.
 */
export function createBacklog({ scan, list, works, listener, listenerLimit }: BacklogOptions): Backlog {
  let rest: NodeJS.Timeout | undefined
  let draining = false

  function end(): void {
    clearTimeout(rest)
    rest = undefined
    draining = false
    listener.resume()
  }

  return {
    look() {
      if (scan.isActive) {
        clearTimeout(rest)
        rest = undefined
        draining = true
        listener.pause()
      } else if (draining) {
        if (list.ready() === 0 && works.size <= listenerLimit) end()
        else rest ??= setTimeout(end, restMs).unref()
      }
    },
    close: () => clearTimeout(rest),
  }
}
