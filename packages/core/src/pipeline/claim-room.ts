import { notDue } from '../delivery/moment.js'
import type { SourceAccess } from '../delivery/source-access.js'
import type { EpochMs } from '../spec/frame.js'

interface ClaimRoomOptions {
  readonly maxInFlight: number
  readonly maxBytesInFlight: number
  readonly sources: ReadonlyMap<string, SourceAccess>
  inFlight(): number
  /** Of those in flight: waiting for a coming moment. */
  waiting(): number
}

interface Applicant {
  readonly source: SourceAccess
  readonly targetTime: EpochMs
  enter(): void
  refuse(reason: unknown): void
}

/** How often those who wait for room are looked at, in ms, besides when room is made. */
const LOOK_MS = 100
/** When a job that finds no room comes back, in ms. */
const NO_ROOM_RETRY_MS = 1_000
/** A moment in the oldest part of its history, this large, cannot wait any longer. */
const URGENT_PART = 0.25

export type ClaimRoom = ReturnType<typeof createClaimRoom>

/**
 * How much more a route may take on: jobs, and bytes of pictures.
 *
 * Bytes are estimated before a claim (each job another frame, as large as lately), so that a claimed job's picture can be copied out at once. Jobs that wait for a coming
 * moment are claimed without bytes; when their moment is there and the budget is used up, they queue while the history still holds their frame safely.
 * What is about to roll out of the history is copied out up to twice the budget; beyond that jobs are handed back: running out of memory would lose everything.
 */
export function createClaimRoom({ maxInFlight, maxBytesInFlight, sources, inFlight, waiting }: ClaimRoomOptions) {
  const queue = new Set<Applicant>()
  let heldBytes = 0
  let promisedBytes = 0
  let typicalBytes = 0
  let timer: NodeJS.Timeout | undefined

  function expectedBytes(): number {
    if (typicalBytes > 0) return typicalBytes
    const sizes = [...sources.values()].map(({ reader }) => reader.newest()?.bytes ?? 1)
    return Math.max(1, ...sizes)
  }

  const used = () => heldBytes + promisedBytes
  const hasRoom = () => used() === 0 || used() + expectedBytes() <= maxBytesInFlight

  /** Moments before it are about to roll out of the source's history. */
  function urgentBefore({ reader }: SourceAccess): EpochMs {
    const oldest = reader.oldest()?.captureTime ?? 0
    return oldest + ((reader.newest()?.captureTime ?? 0) - oldest) * URGENT_PART
  }

  function look(): void {
    const edges = new Map<SourceAccess, EpochMs>()
    for (const applicant of [...queue]) {
      const { source, targetTime } = applicant
      if (hasRoom()) {
        applicant.enter()
        continue
      }
      const edge = edges.get(source) ?? urgentBefore(source)
      edges.set(source, edge)
      if (targetTime >= edge) continue
      if (used() > 2 * maxBytesInFlight) applicant.refuse(notDue(targetTime, NO_ROOM_RETRY_MS))
      else applicant.enter()
    }
    if (queue.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    heldBytes: () => heldBytes,
    /** Frames were copied out (+) or let go (−). */
    hold(change: number): void {
      heldBytes += change
      if (change > 0) typicalBytes = typicalBytes === 0 ? change : typicalBytes * 0.9 + change * 0.1
      else if (queue.size > 0) look()
    },
    /** How many more jobs may be claimed. */
    capacity(): number {
      const byCount = maxInFlight - (inFlight() - waiting())
      if (queue.size > 0) return 0
      const byBytes = Math.floor((maxBytesInFlight - used()) / expectedBytes())
      // One at a time is always served, however large.
      return used() === 0 ? Math.min(byCount, Math.max(1, byBytes)) : Math.min(byCount, byBytes)
    },
    hasRoom,
    /**
     * Waits for room for one more picture. Resolves to a function to call when the picture has been copied out.
     *
     * @throws `SNAPMINT_JOB_NOT_DUE` when there is none to be had; the signal's reason.
     */
    admit(source: SourceAccess, targetTime: EpochMs, signal: AbortSignal): Promise<() => void> {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const leave = () => {
          queue.delete(applicant)
          signal.removeEventListener('abort', onAbort)
        }
        const onAbort = () => applicant.refuse(signal.reason)
        const applicant: Applicant = {
          source,
          targetTime,
          enter() {
            leave()
            const bytes = expectedBytes()
            promisedBytes += bytes
            resolve(() => {
              promisedBytes -= bytes
            })
          },
          refuse(reason) {
            leave()
            reject(reason)
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        queue.add(applicant)
        timer ??= setInterval(look, LOOK_MS)
      })
    },
  }
}
