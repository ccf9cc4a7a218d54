import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { EpochMs } from '../../spec/frame.js'
import { errorNumber, type FileSystem } from '../../util/durable-files.js'
import { type DirectoryJob, decodeText, type JobFault, parseJob } from './parse-job.js'

/** Largest file that is read. */
const maxJobBytes = 2 ** 20

/** Tells whether a file has been changed or replaced. */
export interface FileStamp {
  readonly inode: number
  readonly size: number
  readonly mtimeMs: number
}

export type JobFile =
  | { readonly kind: 'gone' }
  | { readonly kind: 'job'; readonly job: DirectoryJob; readonly stamp: FileStamp }
  /** No job; `text` is what the file holds. */
  | { readonly kind: 'faulty'; readonly fault: JobFault; readonly text: string; readonly stamp: FileStamp }
  /** Not read at all: no ordinary file, too large, or without permission. */
  | { readonly kind: 'unreadable'; readonly fault: JobFault }

// A symbolic link is not followed, and a named pipe does not block. Windows has neither flag.
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Reads whatever goes by the name of a job. Rejects only when the system is at fault. */
export async function readJobFile(files: FileSystem, path: string, now: EpochMs): Promise<JobFile> {
  let handle: FileHandle
  try {
    handle = await files.open(path, flags)
  } catch (error) {
    const number = errorNumber(error) ?? ''
    if (number === 'ENOENT') return { kind: 'gone' }
    if (['ELOOP', 'EMLINK'].includes(number))
      return unreadable('This is a symbolic link. Put a copy of the file here, or move the file')
    if (['EACCES', 'EPERM'].includes(number))
      return unreadable('The file may not be read. Give the process that runs Snapmint the right to read it')
    if (['ENXIO', 'EISDIR', 'ENODEV', 'EOPNOTSUPP'].includes(number))
      return unreadable('This is no ordinary file. Write the job as a JSON file')
    throw error
  }
  try {
    return await readOpened(handle, now)
  } finally {
    await handle.close()
  }
}

async function readOpened(handle: FileHandle, now: EpochMs): Promise<JobFile> {
  const stats = await handle.stat()
  if (stats.isDirectory()) return unreadable('This is a folder. A job is a JSON file directly in the folder "new"')
  if (!stats.isFile()) return unreadable('This is no ordinary file. Write the job as a JSON file')
  if (stats.size > maxJobBytes)
    return unreadable(
      `The file has ${stats.size} bytes and a job at most ${maxJobBytes}. Leave out what is not needed, or put a reference to it`,
    )
  const bytes = Buffer.alloc(stats.size)
  let length = 0
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  const content = bytes.subarray(0, length)
  const stamp = { inode: stats.ino, size: stats.size, mtimeMs: stats.mtimeMs }
  const { job, fault } = parseJob(content, now)
  return fault === undefined ? { kind: 'job', job, stamp } : { kind: 'faulty', fault, text: decodeText(content), stamp }
}

function unreadable(message: string): JobFile {
  return { kind: 'unreadable', fault: { code: 'SNAPMINT_JOB_MALFORMED', message, mayGrow: false } }
}
