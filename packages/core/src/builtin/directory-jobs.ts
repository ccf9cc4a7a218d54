import { join, resolve } from 'node:path'
import type { EpochMs } from '../spec/frame.js'
import type { ClaimContext, JobClaim, JobSource } from '../spec/job-source.js'
import { errorNumber, type FileSystem, systemFiles } from '../util/durable-files.js'
import { expectBoolean, expectKnownOptions, expectNumber, expectString } from '../util/expect-option.js'
import { forEachLimit } from '../util/for-each-limit.js'
import { createOwner } from '../util/process-owner.js'
import { createWakeUpCall } from '../util/wake-up-call.js'
import { createJobCounter, type JobCounts } from './directory-jobs/count-jobs.js'
import { watchFolder } from './directory-jobs/folder-watch.js'
import { createHeldClaims, type HeldClaim } from './directory-jobs/held-claims.js'
import { claimFiles, createJobClaimer } from './directory-jobs/job-claimer.js'
import { claimBaseName, parseClaimBaseName } from './directory-jobs/job-file-name.js'
import { jobFolders, makeJobFolders, toJobsError } from './directory-jobs/job-folders.js'
import { createJobRecords } from './directory-jobs/job-records.js'
import { createJobRecovery } from './directory-jobs/job-recovery.js'
import { createJobSettler } from './directory-jobs/job-settler.js'
import type { DirectoryJob } from './directory-jobs/parse-job.js'
import { createWaitingList } from './directory-jobs/waiting-list.js'
import { expectLeaseRequest } from './job-source-helpers.js'

export interface DirectoryJobsOptions {
  /** The queue: `new`, `claimed`, `done` and `failed` are created in it. On one file system. A relative path is resolved once, at construction. */
  readonly directory: string
  /** Hand-outs of a job before it fails with `SNAPMINT_JOB_ATTEMPTS_EXHAUSTED`; those that ended in a crash count. Default 10. */
  readonly maxAttempts?: number | undefined
  /** A file that is empty or no JSON and was changed so shortly ago, in ms, is taken for one still being written. Default 2,000. */
  readonly writeGraceMs?: number | undefined
  /** Wait until outcomes are on the disk. Default true; false survives a crash of the process but not one of the machine. */
  readonly fsync?: boolean | undefined
  /** Dates leases and delays, in names that other processes read. Default `Date.now`. */
  readonly clock?: (() => EpochMs) | undefined
  /** Default: `node:fs/promises`. For tests. */
  readonly files?: FileSystem | undefined
}

/** A durable queue of jobs in a folder. */
export interface DirectoryJobs<Source extends string = string> extends JobSource<DirectoryJob<Source>> {
  /** How many files there are in each folder. Cheap enough to be asked every second. */
  counts(): Promise<JobCounts>
}

/**
 * A durable queue of jobs in a folder, for any number of processes. A JSON file in `new/`, such as `new/portrait.json` with `{ "targetTime": 1795251907042 }`,
 * is a job, whatever program wrote it: best under a hidden name or another extension, renamed when complete. Its name is the job's id; whatever else
 * it holds is kept. `claimed/` has the jobs being worked on, `done/` those delivered, with their receipts, `failed/` the others, with their errors. Jobs are
 * handed out by name, of all that were there at the last look at the folder.
 *
 * Survives `kill -9` at any moment: claims of a process of this machine that ended are handed out again at once, those of other machines when their
 * lease ends, by the clocks of both. `done/` and `failed/` are yours to tidy up.
 *
 * @throws from its methods: `SNAPMINT_DIRECTORY_UNUSABLE` (final), `SNAPMINT_JOBS_UNAVAILABLE` (retryable).
 */
export function directoryJobs<Source extends string = string>(options: DirectoryJobsOptions): DirectoryJobs<Source> {
  expectDirectoryJobsOptions(options)
  const { maxAttempts = 10, writeGraceMs = 2_000, fsync = true, clock = Date.now, files = systemFiles } = options
  const directory = resolve(options.directory)
  const folders = jobFolders(directory)
  const owner = createOwner()
  const held = createHeldClaims(owner.name)
  const waiting = createWaitingList(files, folders.new, clock)
  const records = createJobRecords({ files, folders, fsync })
  const settler = createJobSettler({ files, folders, held, records, clock, maxAttempts, fsync })
  const recovery = createJobRecovery({ files, folders, owner, held, records, clock })
  const claimFile = createJobClaimer({ files, folders, held, waiting, clock, maxAttempts, writeGraceMs, fail: settler.fail })
  const count = createJobCounter(files, clock)
  const listeners = new Set<() => void>()
  const wakeUpCall = createWakeUpCall(wakeAll)
  const closing = new AbortController()

  function wakeAll(): void {
    for (const listener of listeners) listener()
  }

  function setWakeUpCall(): void {
    const dueAt = listeners.size === 0 ? undefined : waiting.nextDueAt()
    wakeUpCall.set(dueAt === undefined ? undefined : dueAt - clock() + 1)
  }

  /** Everything that touches the folder goes through here. */
  async function classified<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      // Somebody removed the folders: they are made anew for the next try.
      if (errorNumber(error) === 'ENOENT') await makeJobFolders(files, folders, fsync).catch(() => {})
      throw toJobsError(error, directory)
    }
  }

  async function claimBatch(max: number, leaseMs: number, signal: AbortSignal): Promise<JobClaim<DirectoryJob>[]> {
    const claims: JobClaim<DirectoryJob>[] = []
    const errors: unknown[] = []
    await makeJobFolders(files, folders, fsync)
    await recovery.run().catch((error: unknown) => errors.push(error))
    for (let hasLooked = false; claims.length < max && !signal.aborted; ) {
      const batch = waiting.take(max - claims.length)
      if (batch.length > 0) claims.push(...(await claimFiles(claimFile, batch, leaseMs, (error) => errors.push(error))))
      else if (hasLooked) break
      else {
        hasLooked = true
        await waiting.refresh()
      }
    }
    if (claims.length > 0) recovery.expect(claims[0]?.leaseExpiresAt ?? 0)
    // Jobs that could be had are not kept back because others could not.
    else if (errors.length > 0) throw errors[0]
    return claims
  }

  async function giveBack(claims: readonly JobClaim<DirectoryJob>[]): Promise<void> {
    await forEachLimit(claims, 16, async ({ token, attempt }) => {
      const claim = held.find(token)
      if (claim !== undefined) await held.exclusively(claim, () => settler.release(claim, attempt - 1, 0))
    })
  }

  async function extendOne(claim: HeldClaim, expiresAt: EpochMs): Promise<void> {
    const name = parseClaimBaseName(claim.base)
    if (claim.settledAs !== undefined || name === undefined) return
    const base = claimBaseName({ ...name, expiresAt })
    try {
      await files.rename(join(folders.claimed, `${claim.base}.json`), join(folders.claimed, `${base}.json`))
      claim.base = base
    } catch (error) {
      if (errorNumber(error) !== 'ENOENT') throw error
      held.forget(claim)
    }
  }

  return {
    specVersion: 1,
    adapter: 'directory',
    async claim(context: ClaimContext) {
      const { max, leaseMs } = expectLeaseRequest(context)
      const claims = await classified(() => claimBatch(max, leaseMs, context.signal))
      setWakeUpCall()
      if (context.signal.aborted) {
        await classified(() => giveBack(claims))
        throw context.signal.reason
      }
      return claims as JobClaim<DirectoryJob<Source>>[]
    },
    settle: (outcomes) => classified(() => settler.settle(outcomes)),
    async extend(tokens, leaseMs) {
      const expiresAt = clock() + leaseMs
      const claims = tokens.map((token) => held.find(token)).filter((claim) => claim !== undefined)
      await classified(() => forEachLimit(claims, 16, (claim) => held.exclusively(claim, () => extendOne(claim, expiresAt))))
      return tokens.filter((token) => held.find(token) === undefined)
    },
    async watch(onAvailable, { signal }) {
      if (signal.aborted || closing.signal.aborted) return
      const stop = AbortSignal.any([signal, closing.signal])
      const listener = () => {
        if (!stop.aborted) onAvailable()
      }
      listeners.add(listener)
      try {
        // A folder that cannot be used is reported by the claim.
        await makeJobFolders(files, folders, fsync).catch(() => {})
        setWakeUpCall()
        await watchFolder(folders.new, listener, stop)
      } finally {
        listeners.delete(listener)
        setWakeUpCall()
      }
    },
    async close() {
      closing.abort()
      wakeUpCall.set(undefined)
      const open = held.all()
      await classified(() =>
        forEachLimit(open, 16, (claim) =>
          held.exclusively(claim, () =>
            claim.settledAs === undefined
              ? settler.release(claim, claim.attempt, 0)
              : records.finish(claim.base, { outcome: claim.settledAs, mayBeUnread: true }),
          ),
        ),
      )
    },
    counts: () =>
      classified(async () => ({
        waiting: await count(folders.new),
        claimed: await count(folders.claimed),
        done: await count(folders.done),
        failed: await count(folders.failed),
      })),
  }
}

function expectDirectoryJobsOptions(options: DirectoryJobsOptions): void {
  expectKnownOptions('directoryJobs', options, ['directory', 'maxAttempts', 'writeGraceMs', 'fsync', 'clock', 'files'])
  const { directory, maxAttempts, writeGraceMs, fsync } = options
  expectString('directory', directory)
  if (directory.includes('\0')) throw new TypeError('Expected `directory` to be a path, got a string with a NUL character')
  if (maxAttempts !== undefined) expectNumber('maxAttempts', maxAttempts, { min: 1, integer: true })
  if (writeGraceMs !== undefined) expectNumber('writeGraceMs', writeGraceMs, { min: 0 })
  if (fsync !== undefined) expectBoolean('fsync', fsync)
}
