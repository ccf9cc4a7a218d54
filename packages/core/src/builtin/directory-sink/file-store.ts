import { randomBytes } from 'node:crypto'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { SnapmintError } from '../../errors/snapmint-error.js'
import {
  errorNumber,
  exists,
  type FileSystem,
  makeDirectory,
  publishFile,
  removeFile,
  syncDirectory,
  writeNewFile,
} from '../../util/durable-files.js'
import { temporaryFolder } from './relative-path.js'

export interface FileStoreOptions {
  /** Absolute. */
  readonly directory: string
  readonly overwrite: boolean
  readonly fsync: boolean
  readonly files: FileSystem
}

export interface FileStore {
  /** Resolves with the absolute path once the file is complete. Rejects with the file system's own errors, or with one that is classified. */
  write(relativePath: string, data: Uint8Array, signal: AbortSignal): Promise<string>
}

const temporaryName = /^[0-9a-f]{24}\.tmp$/

/** Longer than any put takes: no file of this age is still being written. */
const abandonedAfterMs = 3_600_000

/** Writes files in one step, as seen from outside. */
export function createFileStore({ directory, overwrite, fsync, files }: FileStoreOptions): FileStore {
  const temporaryDirectory = join(directory, temporaryFolder)
  let cleaned: Promise<void> | undefined

  /** Symbolic links below the directory may lead anywhere in it, not out of it. */
  async function expectInside(path: string): Promise<void> {
    let folder = dirname(path)
    while (folder !== directory && !(await exists(files, folder))) folder = dirname(folder)
    const target = relative(await files.realpath(directory), await files.realpath(folder))
    if (target !== '..' && !target.startsWith(`..${sep}`) && resolve(target) !== target) return
    const message = `Could not store ${path}: ${folder} is a symbolic link that leads out of ${directory}. Remove the link, or make the target the directory of a sink`
    throw new SnapmintError('SNAPMINT_SINK_KEY_INVALID', message, { adapter: 'directory' })
  }

  async function compare(path: string, data: Uint8Array): Promise<'absent' | 'same' | 'different'> {
    try {
      const stats = await files.lstat(path)
      if (!stats.isFile() || stats.size !== data.byteLength) return 'different'
      return (await files.readFile(path)).equals(data) ? 'same' : 'different'
    } catch (error) {
      if (errorNumber(error) === 'ENOENT') return 'absent'
      throw error
    }
  }

  async function publish(temporary: string, path: string, data: Uint8Array): Promise<void> {
    if (overwrite) {
      await files.rename(temporary, path)
      return
    }
    try {
      await publishFile(files, temporary, path)
    } catch (error) {
      if (errorNumber(error) !== 'EEXIST') throw error
      // Somebody else was quicker.
      if ((await compare(path, data)) !== 'same') throw conflict(path)
    }
  }

  async function writeVia(temporary: string, path: string, data: Uint8Array, signal: AbortSignal): Promise<void> {
    await writeNewFile(files, temporary, data, { fsync, signal })
    try {
      signal.throwIfAborted()
      await publish(temporary, path, data)
    } finally {
      await removeFile(files, temporary)
    }
    if (fsync) await syncDirectory(files, dirname(path))
  }

  return {
    async write(relativePath, data, signal) {
      const path = join(directory, relativePath)
      await makeDirectory(files, temporaryDirectory, { fsync })
      cleaned ??= removeAbandoned(files, temporaryDirectory)
      await cleaned
      await expectInside(path)
      const found = await compare(path, data)
      if (found === 'same') {
        // Whoever wrote it may have been killed before its name was on the disk.
        if (fsync) await syncDirectory(files, dirname(path))
        return path
      }
      if (found === 'different' && !overwrite) throw conflict(path)
      await makeDirectory(files, dirname(path), { fsync })
      await writeVia(join(temporaryDirectory, `${randomBytes(12).toString('hex')}.tmp`), path, data, signal)
      return path
    },
  }
}

function conflict(path: string): SnapmintError {
  const message = `${path} exists with another content and was left as it is. Use a template with {captureTime} or {sha256}, or the option overwrite`
  return new SnapmintError('SNAPMINT_SINK_CONFLICT', message, { adapter: 'directory' })
}

/** A process that was killed left its unfinished files. Failing to remove them harms nobody. */
async function removeAbandoned(files: FileSystem, temporaryDirectory: string): Promise<void> {
  const names = await files.readdir(temporaryDirectory).catch(() => [])
  for (const name of names.filter((item) => temporaryName.test(item))) {
    const path = join(temporaryDirectory, name)
    const stats = await files.lstat(path).catch(() => undefined)
    if (stats?.isFile() && Date.now() - stats.mtimeMs > abandonedAfterMs) await removeFile(files, path)
  }
}
