import { join } from 'node:path'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { FileSystem } from '../util/durable-files.js'
import { removeFile } from '../util/durable-files.js'
import { createOwner } from '../util/process-owner.js'

/** The owner of another host, of which nothing is known, must touch its file at least so often, in ms. */
const STALE_MS = 20_000

const lockName = /^owner-(.+)\.lock$/

export interface FolderLock {
  /** Says that the owner lives; for those who cannot see its process. Called several times in {@link STALE_MS}. Never rejects. */
  touch(): Promise<void>
  release(): Promise<void>
}

/**
 * Makes this process the only owner of a folder. Each owner has a file of its own, empty and named after it; who sees another live one gives way, so that of two that come
 * at once neither may get the folder, and never both do. A process of this machine is known to be dead at once, that of another (a container made anew, say) by its file
 * not having been touched. Ages are compared with that of the own file: both are of the clock of the file system.
 *
 * @throws `SNAPMINT_HOLDS_IN_USE`, the system's error
 */
export async function lockFolder(files: FileSystem, directory: string): Promise<FolderLock> {
  const owner = createOwner()
  const own = `owner-${owner.name}.lock`
  const path = join(directory, own)
  const touch = async () => (await files.open(path, 'w')).close()
  await touch()
  try {
    const { mtimeMs: now } = await files.stat(path)
    for (const name of await files.readdir(directory)) {
      const other = lockName.exec(name)?.[1]
      if (other === undefined || name === own) continue
      const stats = await files.stat(join(directory, name)).catch(() => undefined)
      const gone = stats === undefined || owner.isDead(other) || (isForeign(owner.name, other) && now - stats.mtimeMs > STALE_MS)
      if (!gone) throw inUse(directory, other)
      await removeFile(files, join(directory, name))
    }
  } catch (error) {
    await removeFile(files, path)
    throw error
  }
  let released = false
  let last: Promise<void> = Promise.resolve()
  return {
    touch() {
      last = last.then(() => (released ? undefined : touch())).catch(() => {})
      return last
    },
    async release() {
      released = true
      // One that is under way would put the file back.
      await last
      await removeFile(files, path)
    },
  }
}

const hostOf = (owner: string) => owner.split('.', 1)[0]
const isForeign = (one: string, other: string) => hostOf(one) !== hostOf(other)

function inUse(directory: string, other: string): SnapmintError {
  const message = `${directory} holds the pictures of another pipeline that runs now (process ${other.split('.')[1]}); give each its own \`holds.directory\`, or stop the other. One of another machine that was killed is taken for dead after ${STALE_MS / 1000} s`
  return new SnapmintError('SNAPMINT_HOLDS_IN_USE', message, { retryable: true, retryAfterMs: STALE_MS })
}
