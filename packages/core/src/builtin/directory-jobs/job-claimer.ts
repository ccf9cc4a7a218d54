import { join } from 'node:path'
import type { EpochMs } from '../../spec/frame.js'
import type { JobError } from '../../spec/job-error.js'
import type { JobClaim } from '../../spec/job-source.js'
import { errorNumber, type FileSystem } from '../../util/durable-files.js'
import { forEachLimit } from '../../util/for-each-limit.js'
import type { HeldClaim, HeldClaims } from './held-claims.js'
import { claimBaseName, idFault, shortenId, waitingFileName } from './job-file-name.js'
import type { JobFolders } from './job-folders.js'
import { originalName } from './job-records.js'
import type { DirectoryJob } from './parse-job.js'
import { type FileStamp, type JobFile, readJobFile } from './read-job-file.js'
import type { WaitingFile, WaitingList } from './waiting-list.js'

export interface JobClaimerOptions {
  readonly files: FileSystem
  readonly folders: JobFolders
  readonly held: HeldClaims
  readonly waiting: WaitingList
  readonly clock: () => EpochMs
  readonly maxAttempts: number
  /** Age in ms from which a file that is no JSON is taken for finished. */
  readonly writeGraceMs: number
  /** Records a claim as failed. */
  fail(claim: HeldClaim, details: FailureDetails): Promise<void>
}

export interface FailureDetails {
  readonly error: JobError
  /** What the job's file holds, where it is no JSON. */
  readonly text?: string | undefined
  /** Name in `failed/` of the job's file itself, where it was not read. */
  readonly original?: string | undefined
}

/** Hands out one file of `new/`. Resolves to undefined when there is nothing to hand out: somebody was quicker, it is unfinished, or it is no job and was failed. */
export type ClaimFile = (file: WaitingFile, leaseMs: number) => Promise<JobClaim<DirectoryJob> | undefined>

/** How long a file that cannot be renamed is left alone. */
const stuckMs = 60_000

export function createJobClaimer(options: JobClaimerOptions): ClaimFile {
  const { files, folders, held, waiting, clock, maxAttempts, writeGraceMs, fail } = options

  /** The rename that only one of several processes makes. Undefined when it was another one. */
  async function take(
    file: WaitingFile,
    id: string,
    attempt: number,
    expiresAt: EpochMs,
    job: unknown,
  ): Promise<HeldClaim | undefined> {
    // Two jobs of one name are handed out one after the other: their ids are the same.
    if (held.holds(id)) return undefined
    const name = held.nextName(id, attempt, expiresAt)
    // Held before it is renamed: a recovery at this moment must not take it for one of a lost instance.
    const claim = held.add(name, job)
    try {
      await files.rename(join(folders.new, file.name), join(folders.claimed, `${claimBaseName(name)}.json`))
      return claim
    } catch (error) {
      held.forget(claim)
      if (errorNumber(error) === 'ENOENT') return undefined
      // One file that cannot be moved must not keep all the others from being handed out.
      waiting.defer(file.name, clock() + stuckMs)
      throw error
    }
  }

  async function isUnchanged(claim: HeldClaim, stamp: FileStamp): Promise<boolean> {
    const stats = await files.lstat(join(folders.claimed, `${claim.base}.json`)).catch(() => undefined)
    return stats?.ino === stamp.inode && stats.size === stamp.size && stats.mtimeMs === stamp.mtimeMs
  }

  async function putBack(claim: HeldClaim, attempts: number): Promise<void> {
    await held.exclusively(claim, async () => {
      held.forget(claim)
      const name = waitingFileName({ id: claim.id, attempts, notBefore: 0 })
      await files.rename(join(folders.claimed, `${claim.base}.json`), join(folders.new, name)).catch(() => {})
    })
  }

  async function failFile(
    file: WaitingFile,
    read: Exclude<JobFile, { kind: 'gone' }>,
    error: JobError,
    leaseMs: number,
  ): Promise<undefined> {
    const id = idFault(file.id) === undefined ? file.id : shortenId(file.id)
    const job = read.kind === 'job' ? read.job : read.fault.job
    const claim = await take(file, id, file.attempts, clock() + leaseMs, job)
    if (claim === undefined) return undefined
    const text = read.kind === 'faulty' && job === undefined ? read.text : undefined
    const original = read.kind === 'unreadable' ? originalName(claim.base) : undefined
    try {
      await fail(claim, { error, text, original })
    } catch (thrown) {
      await putBack(claim, file.attempts)
      throw thrown
    }
    return undefined
  }

  function isUnfinished(file: WaitingFile, read: JobFile): boolean {
    if (read.kind !== 'faulty' || !read.fault.mayGrow) return false
    const ageMs = clock() - read.stamp.mtimeMs
    // A file from the future was dated by another clock, and not to be waited for.
    if (ageMs >= writeGraceMs || ageMs < -writeGraceMs) return false
    waiting.defer(file.name, read.stamp.mtimeMs + writeGraceMs)
    return true
  }

  return async (file, leaseMs) => {
    if (held.holds(file.id)) return undefined
    const read = await readJobFile(files, join(folders.new, file.name), clock())
    if (read.kind === 'gone' || isUnfinished(file, read)) return undefined
    const wrong = faultOf(file, read, maxAttempts)
    if (wrong !== undefined) return failFile(file, read, wrong, leaseMs)
    if (read.kind !== 'job') return undefined
    const expiresAt = clock() + leaseMs
    const attempt = file.attempts + 1
    const claim = await take(file, file.id, attempt, expiresAt, read.job)
    if (claim === undefined) return undefined
    if (!(await isUnchanged(claim, read.stamp))) {
      // Its author wrote it anew between the reading and the renaming.
      await putBack(claim, file.attempts)
      return undefined
    }
    return { id: claim.id, token: claim.token, job: read.job, attempt, leaseExpiresAt: expiresAt }
  }
}

function faultOf(file: WaitingFile, read: JobFile, maxAttempts: number): JobError | undefined {
  if (read.kind === 'faulty' || read.kind === 'unreadable') return { code: read.fault.code, message: read.fault.message }
  const wrong = idFault(file.id)
  if (wrong !== undefined)
    return {
      code: 'SNAPMINT_JOB_INVALID',
      message: `The name of the file ${wrong}. The job's id is made of it: choose another name`,
    }
  if (file.attempts < maxAttempts) return undefined
  const message = `The job was handed out ${file.attempts} times and never settled: each time the process that had it crashed or lost its lease`
  return { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED', message }
}

/** Claims files one after the other, some at a time. Errors of single files are handed to `onError`. */
export async function claimFiles(
  claimFile: ClaimFile,
  batch: readonly WaitingFile[],
  leaseMs: number,
  onError: (error: unknown) => void,
): Promise<JobClaim<DirectoryJob>[]> {
  const claims: (JobClaim<DirectoryJob> | undefined)[] = new Array(batch.length)
  const indexed = batch.map((file, index) => ({ file, index }))
  await forEachLimit(indexed, 16, async ({ file, index }) => {
    try {
      claims[index] = await claimFile(file, leaseMs)
    } catch (error) {
      onError(error)
    }
  })
  return claims.filter((claim) => claim !== undefined)
}
