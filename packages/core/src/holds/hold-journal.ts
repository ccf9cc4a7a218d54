import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileSystem, removeFile, syncDirectory, writeNewFile } from '../util/durable-files.js'

export interface HoldJournalOptions {
  readonly files: FileSystem
  readonly directory: string
  readonly fsync: boolean
  /** Everything that is in force. */
  lines(): Iterable<string>
  /** Called before lines are written, when they may name new files. */
  beforeWrite(): Promise<void>
}

export interface HoldJournal {
  /** Adds a line; `after` is called once it is written, or could not be. */
  append(line: string, after?: () => void): void
  /**
   * Resolves when every line appended so far is in the file. The same promise for all who call before the lines are taken.
   *
   * @throws the system's error. The next flush writes the whole journal anew.
   */
  flush(): Promise<void>
  /** Lines wait to be written. */
  readonly behind: boolean
  /** The next write writes it anew: its file may be gone. */
  renew(): void
  close(): Promise<void>
}

export const journalName = 'journal.jsonl'
export const temporaryJournal = /^journal\.[0-9a-f]{24}\.tmp$/

/** The journal is written anew when it is larger than this, and four times as large as it was then. */
const REWRITE_BYTES = 4 * 2 ** 20
/** More waiting lines than these, while the disk hangs, are let go: the journal is written anew afterwards. */
const MAX_WAITING = 20_000

interface Batch {
  lines: string[]
  after: (() => void)[]
}

/** Appends lines, all that gather while the last ones are written in one go. Starts by writing the journal anew, as it does after any failure. */
export function createHoldJournal({ files, directory, fsync, lines, beforeWrite }: HoldJournalOptions): HoldJournal {
  const path = join(directory, journalName)
  let waiting: Batch = { lines: [], after: [] }
  let handle: FileHandle | undefined
  /** The file lacks lines, or may be gone: it is to be written anew. */
  let stale = true
  let bytes = 0
  let bytesAnew = 0
  let last: Promise<void> = Promise.resolve()
  /** The write that takes along whatever is appended now. */
  let gathering: Promise<void> | undefined

  async function closeHandle(): Promise<void> {
    const open = handle
    handle = undefined
    await open?.close().catch(() => {})
  }

  async function writeAnew(): Promise<void> {
    await closeHandle()
    stale = false
    const text = [...lines()].join('')
    const temporary = join(directory, `journal.${randomBytes(12).toString('hex')}.tmp`)
    await writeNewFile(files, temporary, text, { fsync })
    try {
      await files.rename(temporary, path)
    } catch (error) {
      await removeFile(files, temporary)
      throw error
    }
    if (fsync) await syncDirectory(files, directory)
    handle = await files.open(path, 'a')
    bytes = bytesAnew = Buffer.byteLength(text)
  }

  async function write(text: string): Promise<void> {
    if (handle === undefined || stale || (bytes > REWRITE_BYTES && bytes > 4 * bytesAnew)) return writeAnew()
    await handle.appendFile(text)
    if (fsync) await handle.datasync()
    bytes += Buffer.byteLength(text)
    // The folder was taken away meanwhile, and this file with it.
    if (stale) await writeAnew()
  }

  /** Lines that come while a batch is written are the next batch. */
  async function drain(previous: Promise<void>): Promise<void> {
    await previous.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    gathering = undefined
    const batch = waiting
    waiting = { lines: [], after: [] }
    try {
      await beforeWrite()
      await write(batch.lines.join(''))
    } catch (error) {
      stale = true
      await closeHandle()
      throw error
    } finally {
      // Also after a failure: what they remove makes room on a full disk.
      for (const done of batch.after) done()
    }
  }

  return {
    append(line, after) {
      waiting.lines.push(line)
      if (after !== undefined) waiting.after.push(after)
      if (waiting.lines.length <= MAX_WAITING) return
      waiting.lines = []
      stale = true
    },
    flush() {
      if (gathering === undefined) last = gathering = drain(last)
      return gathering
    },
    get behind() {
      return waiting.lines.length > 0 || stale
    },
    renew() {
      stale = true
    },
    async close() {
      await last.catch(() => {})
      await closeHandle()
    },
  }
}
