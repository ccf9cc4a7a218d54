import type { EpochMs } from '../../spec/frame.js'
import { errorNumber, type FileSystem } from '../../util/durable-files.js'
import { isJobFileName } from './job-file-name.js'

export interface JobCounts {
  readonly waiting: number
  /** Handed out; those of other processes too. */
  readonly claimed: number
  readonly done: number
  readonly failed: number
}

interface Count {
  readonly count: number
  readonly mtimeMs: number
  readonly countedAt: EpochMs
}

/** Coarsest time stamps of common file systems: a folder that changed so shortly before it was counted may have changed again under the same one. */
const coarseStampMs = 2_000

/** Counts the jobs in a folder. One that has not changed is not read again; a very large one not more often than every few seconds. */
export function createJobCounter(files: FileSystem, clock: () => EpochMs): (folder: string) => Promise<number> {
  const counts = new Map<string, Count>()

  function isFresh({ count, mtimeMs, countedAt }: Count, now: EpochMs, current: number): boolean {
    const ageMs = now - countedAt
    if (ageMs >= 0 && count > 10_000 && ageMs < count / 20) return true
    return current === mtimeMs && countedAt - mtimeMs > coarseStampMs
  }

  return async (folder) => {
    try {
      const { mtimeMs } = await files.stat(folder)
      const now = clock()
      const known = counts.get(folder)
      if (known !== undefined && isFresh(known, now, mtimeMs)) return known.count
      const count = (await files.readdir(folder)).filter(isJobFileName).length
      counts.set(folder, { count, mtimeMs, countedAt: now })
      return count
    } catch (error) {
      if (errorNumber(error) === 'ENOENT') return 0
      throw error
    }
  }
}
