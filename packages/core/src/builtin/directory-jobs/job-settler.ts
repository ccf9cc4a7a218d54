import { join } from 'node:path'
import type { EpochMs } from '../../spec/frame.js'
import type { JobError } from '../../spec/job-error.js'
import type { JobOutcome } from '../../spec/job-source.js'
import { errorNumber, type FileSystem, syncDirectory } from '../../util/durable-files.js'
import { forEachLimit } from '../../util/for-each-limit.js'
import type { HeldClaim, HeldClaims } from './held-claims.js'
import type { FailureDetails } from './job-claimer.js'
import { waitingFileName } from './job-file-name.js'
import type { JobFolders } from './job-folders.js'
import type { JobRecords } from './job-records.js'

export interface JobSettlerOptions {
  readonly files: FileSystem
  readonly folders: JobFolders
  readonly held: HeldClaims
  readonly records: JobRecords
  readonly clock: () => EpochMs
  readonly maxAttempts: number
  readonly fsync: boolean
}

export interface JobSettler {
  /** Records outcomes; those of tokens that are not held are ignored. When it rejects, the same call again does what is left to do. */
  settle(outcomes: readonly JobOutcome[]): Promise<void>
  /** Records a claim that is no job, or one too many, as failed. */
  fail(claim: HeldClaim, details: FailureDetails): Promise<void>
  /** Hands a claim back. */
  release(claim: HeldClaim, attempts: number, notBefore: EpochMs): Promise<void>
}

/** No job waits longer than until then; digits in a name are limited. */
const latestTime: EpochMs = 8.64e15

export function createJobSettler({ files, folders, held, records, clock, maxAttempts, fsync }: JobSettlerOptions): JobSettler {
  const unsynced = new Set<string>()

  async function record(claim: HeldClaim, outcome: 'done' | 'failed', result: object, mayBeUnread = false): Promise<void> {
    if (claim.settledAs === undefined) {
      const content = { job: claim.job, ...result, attempts: claim.attempt, settledAt: clock() }
      if (!(await records.commit(claim.base, outcome, content))) {
        held.forget(claim)
        return
      }
      claim.settledAs = outcome
    }
    unsynced.add(folders[claim.settledAs]).add(folders.claimed)
    await records.finish(claim.base, { outcome: claim.settledAs, mayBeUnread })
    held.forget(claim)
  }

  async function release(claim: HeldClaim, attempts: number, notBefore: EpochMs): Promise<void> {
    const name = waitingFileName({ id: claim.id, attempts, notBefore: Math.min(latestTime, notBefore) })
    try {
      await files.rename(join(folders.claimed, `${claim.base}.json`), join(folders.new, name))
      unsynced.add(folders.new).add(folders.claimed)
    } catch (error) {
      if (errorNumber(error) !== 'ENOENT') throw error
    }
    held.forget(claim)
  }

  async function retry(claim: HeldClaim, outcome: JobOutcome & { readonly status: 'retry' }): Promise<void> {
    const { error, retryAfterMs = 0, untried = false } = outcome
    const notBefore = retryAfterMs > 0 ? clock() + retryAfterMs : 0
    if (untried) await release(claim, claim.attempt - 1, notBefore)
    else if (claim.attempt < maxAttempts) await release(claim, claim.attempt, notBefore)
    else await record(claim, 'failed', { error: exhausted(claim, error) })
  }

  async function settleOne(claim: HeldClaim, outcome: JobOutcome): Promise<void> {
    if (outcome.status === 'retry' && claim.settledAs === undefined) await retry(claim, outcome)
    else if (outcome.status === 'done') await record(claim, 'done', { receipt: outcome.receipt })
    else await record(claim, 'failed', { error: { code: outcome.error.code, message: outcome.error.message } })
  }

  /** Names are on the disk only when their folders are: where the outcomes are, before where they were. */
  async function syncFolders(): Promise<void> {
    for (const folder of Object.values(folders)) {
      if (!unsynced.delete(folder) || !fsync) continue
      await syncDirectory(files, folder).catch((error: unknown) => {
        unsynced.add(folder)
        throw error
      })
    }
  }

  return {
    release,
    async settle(outcomes) {
      try {
        await forEachLimit(outcomes, 16, async (outcome) => {
          const claim = held.find(outcome.token)
          if (claim !== undefined) await held.exclusively(claim, () => settleOne(claim, outcome))
        })
      } finally {
        await syncFolders()
      }
    },
    async fail(claim, { error, text, original }) {
      const result = { error, ...(text === undefined ? {} : { text }), ...(original === undefined ? {} : { original }) }
      await held.exclusively(claim, () => record(claim, 'failed', result, original !== undefined))
      await syncFolders()
    },
  }
}

function exhausted({ attempt }: HeldClaim, { code, message }: JobError): JobError {
  return {
    code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED',
    message: `The job was handed out ${attempt} times without being delivered; the last error was ${code}: ${message}`,
  }
}
