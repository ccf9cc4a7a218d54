import { join } from 'node:path'
import { SnapmintError } from '../../errors/snapmint-error.js'
import { errorNumber, type FileSystem, makeDirectory } from '../../util/durable-files.js'

/** The folders of a queue, absolute. */
export interface JobFolders {
  readonly new: string
  readonly claimed: string
  readonly done: string
  readonly failed: string
}

export function jobFolders(directory: string): JobFolders {
  return {
    new: join(directory, 'new'),
    claimed: join(directory, 'claimed'),
    done: join(directory, 'done'),
    failed: join(directory, 'failed'),
  }
}

/** Creates the folders that are missing. */
export async function makeJobFolders(files: FileSystem, folders: JobFolders, fsync: boolean): Promise<void> {
  for (const folder of Object.values(folders)) await makeDirectory(files, folder, { fsync })
}

/** Classifies what the file system said of a queue's folder. What is a SnapmintError already stays as it is. */
export function toJobsError(error: unknown, directory: string): unknown {
  if (SnapmintError.isInstance(error)) return error
  const number = errorNumber(error) ?? ''
  const reason = error instanceof Error ? error.message : String(error)
  const options = { cause: error, adapter: 'directory' }
  if (['EACCES', 'EPERM', 'EROFS'].includes(number)) {
    const message = `The folder ${directory} cannot be used for jobs: no permission (${reason}). Give the process the right to read and write it, or choose another folder`
    return new SnapmintError('SNAPMINT_DIRECTORY_UNUSABLE', message, options)
  }
  if (number === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'mkdir') {
    const message = `The folder ${directory} cannot be created for jobs: its parent takes no folders (${reason}). Choose another folder`
    return new SnapmintError('SNAPMINT_DIRECTORY_UNUSABLE', message, options)
  }
  if (['ENOTDIR', 'EEXIST', 'EXDEV', 'ENAMETOOLONG', 'ELOOP'].includes(number)) {
    const message = `The folder ${directory} cannot be used for jobs: there is something else in the place of one of its folders (${reason}). Move it away, or choose another folder`
    return new SnapmintError('SNAPMINT_DIRECTORY_UNUSABLE', message, options)
  }
  const full = ['ENOSPC', 'EDQUOT'].includes(number) ? 'the disk or the quota is full; free some space ' : ''
  const message = `The jobs in ${directory} are not available: ${full}(${reason})`
  return new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', message, { ...options, retryable: true })
}
