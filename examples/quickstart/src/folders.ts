import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from './user-error.js'

export interface Folders {
  readonly jobs: string
  readonly frames: string
  readonly checkpoints: string
}

/**
 * Makes the folders and tries to write into each, so that a folder that cannot be used shows before the camera starts.
 * @throws UserError
 */
export async function prepareFolders(dataDirectory: string): Promise<Folders> {
  const folders = {
    jobs: join(dataDirectory, 'jobs'),
    frames: join(dataDirectory, 'frames'),
    checkpoints: join(dataDirectory, 'checkpoints'),
  }
  for (const folder of Object.values(folders)) {
    try {
      await makeFolder(folder)
      const probe = join(folder, `.write-test-${process.pid}`)
      await writeFile(probe, '')
      await rm(probe)
    } catch (error) {
      throw new UserError(`Cannot write to the folder ${folder}: ${reason(error)}. Choose another one with --data <folder>.`)
    }
  }
  return folders
}

/** Not `recursive`: Node 20 tries for ever where nothing can be created, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await mkdir(path)
  }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'EROFS':
      return 'the file system is read-only'
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file is in its place'
    case 'ENOENT':
      return 'no folder can be created there'
    case 'ENOSPC':
      return 'the disk is full'
    default:
      return code ?? message
  }
}
