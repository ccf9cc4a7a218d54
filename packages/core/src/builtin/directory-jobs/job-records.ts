import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { errorNumber, exists, type FileSystem, publishFile, removeFile, writeNewFile } from '../../util/durable-files.js'
import { parseClaimBaseName } from './job-file-name.js'
import type { JobFolders } from './job-folders.js'
import { readJobFile } from './read-job-file.js'

/*
 * How an outcome is recorded, for a claim `c`:
 *
 *   1. claimed/c.done (or c.failed) is written and flushed. It is not in force: if the process dies here, it is thrown away and the job done again.
 *   2. claimed/c.json is renamed to claimed/c.settled. This is the moment that counts: it succeeds only for whoever still has the claim, and from
 *      here on the job is never handed out again. Were the lease lost, another process has renamed c.json, and nothing is recorded.
 *   3. claimed/c.done gets its name in done/ (a second link, which never replaces a file), then both files in claimed/ are removed.
 *
 * Whoever finds c.settled of a dead process repeats step 3; each part of it may be repeated.
 */

export interface JobRecords {
  /**
   * Steps 1 and 2. Resolves to false when the lease is lost.
   * @param record to be written as JSON.
   */
  commit(base: string, outcome: 'done' | 'failed', record: object): Promise<boolean>
  /** Step 3. */
  finish(base: string, options: FinishOptions): Promise<void>
  /** Throws away what step 1 wrote, unless step 2 has followed. */
  discard(base: string): Promise<void>
}

export interface FinishOptions {
  /** Undefined when another process knew it. */
  readonly outcome: 'done' | 'failed' | undefined
  /** Whether the job's file may be one that was never read, and is kept beside the record. */
  readonly mayBeUnread: boolean
}

export interface JobRecordsOptions {
  readonly files: FileSystem
  readonly folders: JobFolders
  readonly fsync: boolean
}

/** Of jobs of one name so many are numbered; the rest get random numbers. */
const maxNumbered = 1_000

export function createJobRecords({ files, folders, fsync }: JobRecordsOptions): JobRecords {
  const path = (base: string, suffix: string) => join(folders.claimed, `${base}.${suffix}`)

  /** Publishes `from` as `<id>.json`, or `<id>.2.json` … when there is one of another job. */
  async function publish(from: string, folder: string, id: string): Promise<void> {
    for (let count = 1; ; count++) {
      const number = count <= maxNumbered ? count : randomInt(2 ** 47)
      const to = join(folder, number === 1 ? `${id}.json` : `${id}.${number}.json`)
      try {
        await publishFile(files, from, to)
        return
      } catch (error) {
        if (errorNumber(error) !== 'EEXIST') throw error
        if (await isSameFile(from, to)) return
      }
    }
  }

  async function write(to: string, content: string): Promise<void> {
    try {
      await writeNewFile(files, to, content, { fsync })
    } catch (error) {
      if (errorNumber(error) !== 'EEXIST') throw error
      // Left by an earlier try that failed half way.
      await removeFile(files, to)
      await writeNewFile(files, to, content, { fsync })
    }
  }

  async function move(from: string, folder: string, id: string): Promise<void> {
    try {
      await publish(from, folder, id)
    } catch (error) {
      // Moved already, or there is another outcome.
      if (errorNumber(error) === 'ENOENT' && !(await exists(files, from))) return
      throw error
    }
    await removeFile(files, from)
  }

  /** Whether the link was made before the process died. */
  async function isSameFile(one: string, other: string): Promise<boolean> {
    const [a, b] = await Promise.all([files.lstat(one), files.lstat(other)])
    return a.ino === b.ino && a.dev === b.dev
  }

  /** A folder, a link, a file that is too large: the author gets back what he put there. */
  async function keepOriginal(base: string): Promise<boolean> {
    const { kind } = await readJobFile(files, path(base, 'settled'), 0)
    if (kind !== 'unreadable') return false
    await files.rename(path(base, 'settled'), join(folders.failed, originalName(base)))
    return true
  }

  return {
    async commit(base, outcome, record) {
      const written = path(base, outcome)
      await write(written, `${JSON.stringify(record, null, 2)}\n`)
      try {
        await files.rename(path(base, 'json'), path(base, 'settled'))
        return true
      } catch (error) {
        await removeFile(files, written)
        if (errorNumber(error) === 'ENOENT') return false
        throw error
      }
    },
    async finish(base, { outcome, mayBeUnread }) {
      const id = parseClaimBaseName(base)?.id ?? base
      for (const folder of outcome === undefined ? (['done', 'failed'] as const) : [outcome])
        await move(path(base, folder), folders[folder], id)
      if (mayBeUnread && (await keepOriginal(base))) return
      await removeFile(files, path(base, 'settled'))
    },
    async discard(base) {
      // In this order: c.json becomes c.settled in one step, so that one of the two looks finds it.
      if (await exists(files, path(base, 'json'))) return
      if (await exists(files, path(base, 'settled'))) return
      for (const outcome of ['done', 'failed']) await removeFile(files, path(base, outcome))
    },
  }
}

/** Name in `failed/` of a job's file that was not read. */
export function originalName(base: string): string {
  return `${base}.original`
}
