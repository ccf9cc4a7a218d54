import * as nodeFileSystem from 'node:fs/promises'
import { dirname } from 'node:path'

/** The part of `node:fs/promises` that the directory sink and the directory jobs use; replaced in tests of full and broken disks. */
export type FileSystem = Pick<
  typeof nodeFileSystem,
  'link' | 'lstat' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'realpath' | 'rename' | 'stat' | 'unlink'
>

export const systemFiles: FileSystem = nodeFileSystem

export interface WriteOptions {
  /** Wait until the bytes are on the disk. */
  readonly fsync: boolean
  readonly signal?: AbortSignal | undefined
}

/** `EEXIST`, `ENOSPC` and the like; undefined for anything that is no error of the system. */
export function errorNumber(error: unknown): string | undefined {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** Writes a file that must not exist yet, and removes what was written when it fails. */
export async function writeNewFile(
  files: FileSystem,
  path: string,
  data: string | Uint8Array,
  { fsync, signal }: WriteOptions,
): Promise<void> {
  const handle = await files.open(path, 'wx')
  try {
    try {
      await handle.writeFile(data, signal === undefined ? {} : { signal })
      if (fsync) await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await removeFile(files, path)
    throw error
  }
}

/**
 * Gives a finished file a second name, which must not exist yet, in one step: nobody ever sees a half-written file, and nobody's file is replaced.
 * Where the file system has no hard links the file is renamed instead, after a look whether the name is free.
 *
 * @throws the system's error, `EEXIST` when the name is taken.
 */
export async function publishFile(files: FileSystem, from: string, to: string): Promise<void> {
  try {
    await files.link(from, to)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR'].includes(errorNumber(error) ?? '')) throw error
    if (await exists(files, to)) throw Object.assign(new Error(`EEXIST: file already exists, ${to}`), { code: 'EEXIST' })
    await files.rename(from, to)
  }
}

/** Makes the names in a directory durable. Windows cannot, and need not. */
export async function syncDirectory(files: FileSystem, directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await files.open(directory, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems have no fsync for directories.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorNumber(error) ?? '')) throw error
  } finally {
    await handle.close()
  }
}

/**
 * Creates a directory with its parents, durably. Not by Node's own `recursive`, which tries for ever where a parent exists and takes no folders (/proc).
 *
 * @throws the system's error, `EEXIST` or `ENOTDIR` when something else is in the way.
 */
export async function makeDirectory(files: FileSystem, directory: string, options: Pick<WriteOptions, 'fsync'>): Promise<void> {
  if (await isDirectory(files, directory)) return
  const parent = dirname(directory)
  if (parent !== directory) await makeDirectory(files, parent, options)
  try {
    await files.mkdir(directory)
  } catch (error) {
    if (errorNumber(error) !== 'EEXIST' || !(await isDirectory(files, directory))) throw error
  }
  // Whoever was quicker may not have come to this yet.
  if (options.fsync) await syncDirectory(files, parent)
}

async function isDirectory(files: FileSystem, path: string): Promise<boolean> {
  try {
    return (await files.stat(path)).isDirectory()
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return false
    throw error
  }
}

/** Removes a file if it is there, and says nothing if it cannot. */
export async function removeFile(files: FileSystem, path: string): Promise<void> {
  await files.unlink(path).catch(() => {})
}

export async function exists(files: FileSystem, path: string): Promise<boolean> {
  try {
    await files.lstat(path)
    return true
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return false
    throw error
  }
}
