import type { Emit } from '../observe/event-bus.js'
import type { HoldIndex, Holding } from './hold-index.js'
import type { HoldJournal } from './hold-journal.js'
import type { HoldPictures } from './hold-pictures.js'
import { encodeRecord } from './hold-records.js'

/** A picture that nobody holds any more stays for so long, in ms: the next jobs of a crowd are answered by it without another put. */
const RETAIN_MS = 60_000
/** After a start no hold is too old for so long, in ms, or for `maxAgeMs`: it may have been off for a weekend, and its jobs come back now. */
const GRACE_MS = 10 * 60_000

export interface HoldRoomOptions {
  readonly index: HoldIndex
  readonly journal: HoldJournal
  readonly pictures: HoldPictures
  readonly emit: Emit
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly retainMs?: number
  readonly graceMs?: number
  /** Epoch ms. */
  readonly clock?: () => number
}

export type HoldRoom = ReturnType<typeof createHoldRoom>

/**
 * Keeps the folder within its bounds. Least is lost by this order: pictures that nobody holds any more; then those of jobs that nobody works on here, which another host may have
 * delivered long ago, oldest first. A hold under work guards a put that may be under way, and stays: sooner a new picture goes without.
 */
export function createHoldRoom({
  index,
  journal,
  pictures,
  emit,
  maxBytes,
  maxAgeMs,
  retainMs = RETAIN_MS,
  graceMs = Math.min(GRACE_MS, maxAgeMs),
  clock = Date.now,
}: HoldRoomOptions) {
  const startedAt = performance.now()
  let reserved = 0

  function remove(id: string): number {
    const dropped = index.drop(id, performance.now())
    const unlink = () => void pictures.remove(id)
    if (dropped > 0) journal.append(encodeRecord(['drop', id]), unlink)
    else unlink()
    return dropped
  }

  function tell(reason: 'expired' | 'full', count: number): void {
    if (count > 0) emit('hold:dropped', { reason, count })
  }

  const isUnderWork = ({ jobs }: Holding) => [...jobs].some(({ active }) => active)

  /** Nothing goes for a picture that has no room even then. */
  function evict(needed: number): void {
    const excess = () => index.bytes + reserved + needed > maxBytes
    const idle = [...index.pictures.values()].filter((holding) => !isUnderWork(holding))
    const idleBytes = idle.reduce((sum, { picture }) => sum + picture.bytes, 0)
    if (index.bytes - idleBytes + reserved + needed > maxBytes) return
    let dropped = 0
    for (const { picture } of [...idle.filter(({ jobs }) => jobs.size === 0), ...idle.filter(({ jobs }) => jobs.size > 0)]) {
      if (!excess()) break
      dropped += remove(picture.id)
    }
    tell('full', dropped)
  }

  return {
    remove,
    /** Makes room for a picture. Answers how to give it back, or `undefined` when there is none. */
    reserve(bytes: number): (() => void) | undefined {
      if (index.bytes + reserved + bytes > maxBytes) evict(bytes)
      if (index.bytes + reserved + bytes > maxBytes) return undefined
      reserved += bytes
      return () => {
        reserved -= bytes
      }
    },
    /** Removes what is too old; with `all`, every picture that nobody holds. */
    sweep({ all = false } = {}): void {
      const freeBefore = all ? Number.POSITIVE_INFINITY : performance.now() - retainMs
      const heldBefore = performance.now() - startedAt < graceMs ? Number.NEGATIVE_INFINITY : clock() - maxAgeMs
      let expired = 0
      for (const { route, jobId, heldAt, active } of index.jobs.values()) {
        // In order of age: nothing after it is older. A clock that was stepped back delays this, no more.
        if (heldAt >= heldBefore) break
        if (active || !index.forget(route, jobId, Number.NEGATIVE_INFINITY)) continue
        journal.append(encodeRecord(['forget', route, jobId]))
        expired++
      }
      for (const [id, { jobs, freeSince }] of index.pictures) if (jobs.size === 0 && freeSince <= freeBefore) remove(id)
      tell('expired', expired)
    },
  }
}
