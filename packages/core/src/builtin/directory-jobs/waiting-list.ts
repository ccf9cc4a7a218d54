import type { EpochMs } from '../../spec/frame.js'
import type { FileSystem } from '../../util/durable-files.js'
import { parseWaitingFileName, type WaitingName } from './job-file-name.js'

export interface WaitingFile extends WaitingName {
  /** Its name in `new/`. */
  readonly name: string
}

/** The files that wait, as of the last look at the folder. */
export interface WaitingList {
  /** Up to `max` files that are due, by name. They are not given again until the folder is looked at again. */
  take(max: number): WaitingFile[]
  /** Looks at the folder. Does nothing when the last look found very many files that are not due, and was a moment ago. */
  refresh(): Promise<void>
  /** The file is not to be taken before this time. */
  defer(name: string, until: EpochMs): void
  /** When there may be more to take than at the last look; undefined when nothing is known to come. */
  nextDueAt(): EpochMs | undefined
}

/** Files kept of one look; the rest are found by the next. Bounds the memory of a folder with millions. */
const maxFiles = 100_000

/** So many files are listed in less than 10 ms; looking at more is rationed. */
const cheapFiles = 10_000

/**
 * Reading a folder costs as much as it has files, and a batch needs only some of them: what one look finds is handed out, in the order of
 * the names, before the folder is looked at again.
 */
export function createWaitingList(files: FileSystem, folder: string, clock: () => EpochMs): WaitingList {
  let list: WaitingFile[] = []
  let next = 0
  let deferred = new Map<string, EpochMs>()
  let nextDue = Number.POSITIVE_INFINITY
  let mayRefreshAt = 0
  let refreshing: Promise<void> | undefined

  async function look(): Promise<void> {
    const now = clock()
    if (now < mayRefreshAt && mayRefreshAt - now < 60_000) return
    const names = await files.readdir(folder)
    const present = new Map<string, EpochMs>()
    const due: WaitingFile[] = []
    nextDue = Number.POSITIVE_INFINITY
    for (const name of names.sort()) {
      const file = parseWaitingFileName(name)
      if (file === undefined) continue
      const until = deferred.get(name)
      const notBefore = Math.max(file.notBefore, until ?? 0)
      if (until !== undefined && until > now) present.set(name, until)
      if (notBefore > now) nextDue = Math.min(nextDue, notBefore)
      else due.push({ ...file, name })
    }
    deferred = present
    list = due.slice(0, maxFiles)
    next = 0
    mayRefreshAt = names.length - due.length > cheapFiles ? now + names.length / 100 : 0
  }

  return {
    take(max) {
      const taken = list.slice(next, next + max)
      next += taken.length
      if (next === list.length) {
        list = []
        next = 0
      }
      return taken
    },
    refresh() {
      refreshing ??= look().finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
    defer(name, until) {
      deferred.set(name, until)
      nextDue = Math.min(nextDue, until)
    },
    nextDueAt() {
      if (mayRefreshAt > clock()) return mayRefreshAt
      return nextDue === Number.POSITIVE_INFINITY ? undefined : nextDue
    },
  }
}
