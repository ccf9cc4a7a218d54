import { createHash } from 'node:crypto'
import { join, sep } from 'node:path'
import type { EpochMs } from '../../spec/frame.js'
import type { FileSystem } from '../../util/durable-files.js'
import { isJobFileName, parseWaitingFileName, type WaitingName } from './job-file-name.js'

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
  /** Names that were due at the last look, in order; from `next` on they are still to be taken. */
  let list: string[] = []
  let next = 0
  let deferred = new Map<string, EpochMs>()
  let nextDue = Number.POSITIVE_INFINITY
  let mayRefreshAt = 0
  let refreshing: Promise<void> | undefined

  async function look(): Promise<void> {
    const now = clock()
    if (now < mayRefreshAt && mayRefreshAt - now < 60_000) return
    let names = (await files.readdir(folder)).filter(isJobFileName)
    if (names.some(isGarbled)) {
      await renameGarbled(files, folder)
      names = (await files.readdir(folder)).filter(isJobFileName)
    }
    const stillDeferred = new Map<string, EpochMs>()
    nextDue = Number.POSITIVE_INFINITY
    const due = names.filter((name) => {
      const until = deferred.get(name) ?? 0
      if (until > now) stillDeferred.set(name, until)
      const dueAt = Math.max(until, notBeforeOf(name))
      if (dueAt > now) nextDue = Math.min(nextDue, dueAt)
      return dueAt <= now
    })
    deferred = stillDeferred
    list = due.sort().slice(0, maxFiles)
    next = 0
    mayRefreshAt = names.length - due.length > cheapFiles ? now + names.length / 100 : 0
  }

  return {
    take(max) {
      const names = list.slice(next, next + max)
      next += names.length
      if (next === list.length) {
        list = []
        next = 0
      }
      return names.flatMap((name) => {
        const file = parseWaitingFileName(name)
        return file === undefined ? [] : [{ ...file, name }]
      })
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

/** Most names say nothing of a time; they are not taken apart, of a hundred thousand. */
function notBeforeOf(name: string): EpochMs {
  return name.includes('~a') ? (parseWaitingFileName(name)?.notBefore ?? 0) : 0
}

/** What stands for bytes that are no UTF-8. */
const replacement = '\uFFFD'

function isGarbled(name: string): boolean {
  return name.includes(replacement)
}

/** A name that is no UTF-8 is no string, and its file cannot be opened by one: it is given another. */
async function renameGarbled(files: FileSystem, folder: string): Promise<void> {
  for (const bytes of await files.readdir(folder, { encoding: 'buffer' })) {
    const name = bytes.toString()
    if (!isGarbled(name) || Buffer.from(name).equals(bytes)) continue
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
    const readable = `${name.slice(0, -'.json'.length).replaceAll(replacement, '_')}-${hash}.json`
    // Somebody else may be quicker, and the next look tries again.
    if (isJobFileName(name))
      await files.rename(Buffer.concat([Buffer.from(folder + sep), bytes]), join(folder, readable)).catch(() => {})
  }
}
