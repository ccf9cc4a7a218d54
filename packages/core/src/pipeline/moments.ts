import { abandoned } from '../delivery/job-outcome.js'
import { notDue, untilCaptured } from '../delivery/moment.js'
import type { SourceAccess } from '../delivery/source-access.js'
import type { Work } from '../jobs/claim-desk.js'
import type { EpochMs } from '../spec/frame.js'

export type Moments = ReturnType<typeof createMoments>

/** How near its moment a job is handed out again that found no place to wait, in ms. */
const NEAR_MS = 1_000

/** The jobs of a route that wait for a coming moment. */
export function createMoments(
  { waitMs, maxWaiting }: { readonly waitMs: number; readonly maxWaiting: number },
  now: () => EpochMs,
) {
  /** How many moments each waiting job waits for. */
  const waiting = new Map<Work, number>()
  let end = Number.POSITIVE_INFINITY

  function count(work: Work, change: number): void {
    const left = (waiting.get(work) ?? 0) + change
    if (left > 0) waiting.set(work, left)
    else waiting.delete(work)
  }

  return {
    /** Jobs that wait, each counted once. */
    get size() {
      return waiting.size
    },
    /** The pipeline stops at `time`: moments after it do not come any more. */
    endAt(time: EpochMs): void {
      end = time
    },
    async wait(source: SourceAccess, targetTime: EpochMs, work: Work): Promise<void> {
      if (targetTime > end) throw abandoned()
      if (waiting.size >= maxWaiting && !waiting.has(work))
        throw notDue(targetTime, Math.max(NEAR_MS, targetTime - now() - NEAR_MS))
      const abort = new AbortController()
      const onCancel = (reason: unknown) => abort.abort(reason)
      work.onCancel.push(onCancel)
      work.waitingFor = Math.max(work.waitingFor ?? Number.NEGATIVE_INFINITY, targetTime)
      count(work, 1)
      try {
        await untilCaptured(source, targetTime, { waitMs, now }, abort.signal)
      } finally {
        count(work, -1)
        if (!waiting.has(work)) work.waitingFor = undefined
        work.onCancel.splice(work.onCancel.indexOf(onCancel), 1)
      }
    },
  }
}
