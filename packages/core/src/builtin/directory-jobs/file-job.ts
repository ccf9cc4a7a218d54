import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { SnapmintError } from '../../errors/snapmint-error.js'
import type { Job } from '../../spec/job-source.js'
import {
  errorNumber,
  makeDirectory,
  publishFile,
  removeFile,
  syncDirectory,
  systemFiles,
  writeNewFile,
} from '../../util/durable-files.js'
import { expectObject, expectString } from '../../util/expect-option.js'
import { idFault } from './job-file-name.js'
import { jobFolders, toJobsError } from './job-folders.js'
import { checkJob } from './parse-job.js'

export interface FileJobOptions {
  /** Name of the file without `.json`, at most 150 bytes. Default: the time and 48 random bits, so that names sort by time. */
  readonly id?: string | undefined
}

/**
 * Files a job in the queue of `directoryJobs({ directory })`, from any process. When it resolves, the job is complete in its folder and on the disk.
 *
 * @param directory the queue's folder, in which `new` is; created if need be.
 * @param job `targetTime`, perhaps `source`, and whatever else is to be kept with it; serialisable as JSON.
 * @returns the job's id.
 * @throws TypeError for a job or an id that would be refused; `SNAPMINT_JOB_DUPLICATE` when a job with this id waits; `SNAPMINT_DIRECTORY_UNUSABLE`;
 * `SNAPMINT_JOBS_UNAVAILABLE` (retryable).
 */
export async function fileJob(
  directory: string,
  job: Job & object,
  { id = timeOrderedId() }: FileJobOptions = {},
): Promise<string> {
  expectString('directory', directory)
  expectString('id', id)
  expectObject('job', job)
  const wrongId = idFault(id)
  if (wrongId !== undefined) throw new TypeError(`Expected \`id\` to be a file's name, but ${JSON.stringify(id)} ${wrongId}`)
  const { fault } = checkJob({ ...job }, Date.now())
  if (fault !== undefined) throw new TypeError(fault.message)
  const folder = jobFolders(resolve(directory)).new
  const temporary = join(folder, `.${randomBytes(12).toString('hex')}.tmp`)
  try {
    await makeDirectory(systemFiles, folder, { fsync: true })
    await writeNewFile(systemFiles, temporary, `${JSON.stringify(job)}\n`, { fsync: true })
    await publishFile(systemFiles, temporary, join(folder, `${id}.json`)).finally(() => removeFile(systemFiles, temporary))
    await syncDirectory(systemFiles, folder)
    return id
  } catch (error) {
    if (errorNumber(error) !== 'EEXIST' || !(error as Error).message.includes(`${id}.json`))
      throw toJobsError(error, resolve(directory))
    throw new SnapmintError(
      'SNAPMINT_JOB_DUPLICATE',
      `A job with the id ${id} waits in ${folder} already; give each job an id of its own, or none`,
      {
        adapter: 'directory',
        cause: error,
      },
    )
  }
}

/** `20261121T090507042Z-5f3a09c1d2e4`. */
function timeOrderedId(): string {
  return `${new Date().toISOString().replace(/[-:.]/g, '')}-${randomBytes(6).toString('hex')}`
}
