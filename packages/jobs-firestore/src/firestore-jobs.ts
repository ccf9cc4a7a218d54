import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { expectNumber, expectPositive, inMemoryLeases, type JobClaim, type JobSource, orAborted } from '@snapmint/core/adapter'
import { createBacklog } from './backlog.js'
import { createCollectionScan } from './collection-scan.js'
import { createDocumentUpdates } from './document-updates.js'
import type {
  FirestoreJob,
  FirestoreJobDocument,
  FirestoreJobsOptions,
  FirestoreNotice,
  FirestoreUsage,
} from './firestore-jobs-options.js'
import { createFirestoreRequests } from './firestore-requests.js'
import { createHandedOutJobs } from './handed-out.js'
import { createJobClaimer } from './job-claimer.js'
import { createJobListener } from './job-listener.js'
import { createJobSchema } from './job-schema.js'
import { createJobSettler } from './job-settler.js'
import { resolveOptions } from './resolve-options.js'
import { createUsage } from './usage.js'
import { createWaitingList } from './waiting-list.js'

/** Jobs from a Firestore collection. */
export interface FirestoreJobs<J = FirestoreJob> extends JobSource<J> {
  readonly sweepMs: number
  /** What was asked of Firestore so far. */
  usage(): FirestoreUsage
}

/**
 * Jobs from a Firestore collection: documents with `{ mediaTimestamp: null, dateCreated: <unix seconds> }`, fulfilled by setting `mediaTimestamp` to the time of the
 * delivered picture. A listener tells of new ones within milliseconds, a query every `sweepMs` finds what it missed. Several hosts share a collection with `leaseField`.
 * Nothing is loaded and nobody is asked before the first call.
 *
 * @throws TypeError or RangeError on wrong options. Its methods reject with `SNAPMINT_JOBS_UNAVAILABLE` (retryable), `SNAPMINT_JOBS_FORBIDDEN`,
 * `SNAPMINT_JOBS_MISCONFIGURED`, `SNAPMINT_MISSING_DEPENDENCY` (final).
 */
export function firestoreJobs<J>(
  options: FirestoreJobsOptions<J> & { readonly mapping: (document: FirestoreJobDocument) => J },
): FirestoreJobs<J>
export function firestoreJobs(options?: FirestoreJobsOptions & { readonly mapping?: undefined }): FirestoreJobs
export function firestoreJobs(given: FirestoreJobsOptions<unknown> = {}): FirestoreJobs<unknown> {
  const options = resolveOptions(given)
  const { sweepMs, steadyClock, timeoutMs, leaseField, listenerLimit } = options
  // A process that was restarted is another holder.
  const holder = `${hostname()}-${process.pid}-${randomBytes(6).toString('hex')}`
  const usage = createUsage()
  const request = createFirestoreRequests(options)
  const schema = createJobSchema(options)
  const leases = inMemoryLeases({ clock: steadyClock })
  const works = createHandedOutJobs(leases)
  const isHandedOut = works.has
  const latestAnswerMs = Math.max(60_000, 4 * timeoutMs)
  const list = createWaitingList({ schema, leaseField, holder, clock: steadyClock, isHandedOut, latestAnswerMs })
  const updates = createDocumentUpdates(request, usage)
  const listener = createJobListener({ options, request, list, usage, scan: () => scan, notify })
  const scan = createCollectionScan({ options, request, list, listening: listener, usage })
  const backlog = createBacklog({ scan, list, works, listener, listenerLimit })
  const parts = { options, holder, schema, leases, works, list, updates, notify }
  const claimer = createJobClaimer(parts)
  const settler = createJobSettler(parts)
  const closing = new AbortController()
  const watchers = new Set<() => void>()
  let alarm: NodeJS.Timeout | undefined

  function notify(notice: FirestoreNotice): void {
    try {
      options.onNotice?.(notice)
    } catch {
      // Whoever listens must not stop the jobs.
    }
  }

  /** Calls back when a job that is held back, or a lease, is due. */
  function setAlarm(): void {
    clearTimeout(alarm)
    if (watchers.size === 0) return
    const due = [list.nextDueAt(), works.leasesEndAt()].filter((time) => time !== undefined && time > steadyClock()) as number[]
    if (list.ready() > 0) wakeAll()
    if (due.length === 0) return
    alarm = setTimeout(
      () => {
        wakeAll()
        setAlarm()
      },
      Math.min(2 ** 31 - 1, Math.ceil(Math.min(...due) - steadyClock()) + 1),
    )
  }

  function wakeAll(): void {
    for (const wake of watchers) wake()
  }

  async function claim(max: number, leaseMs: number, signal: AbortSignal): Promise<JobClaim<unknown>[]> {
    let isRead = false
    for (;;) {
      if (scan.isDue && list.ready() < max) {
        const error = await orAborted(scan.more(max), signal).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        signal.throwIfAborted()
        // Jobs that could be had are not kept back because others could not.
        if (error !== undefined && list.ready() === 0) throw error
        isRead ||= !scan.isActive
      }
      const handing = claimer.handOut(max, leaseMs)
      // The next page is read while the leases of this one are written. Whether that failed, the next claim finds out.
      if (leaseField !== undefined && scan.isActive && list.ready() < max) {
        const read = () => {
          isRead ||= !scan.isActive
        }
        scan.more(max).then(read, () => {})
      }
      const claims = await handing
      if (claims.length > 0) return claims
      // Some were no jobs, or others were faster.
      if (list.ready() > 0) continue
      if (await orAborted(claimer.lookUpDue(max), signal)) continue
      if (!(await orAborted(scan.more(max, isRead), signal))) return []
    }
  }

  return {
    specVersion: 1,
    adapter: 'firestore',
    sweepMs,
    usage: () => ({ ...usage }),
    async claim({ max, leaseMs, signal }) {
      signal.throwIfAborted()
      expectNumber('max', max, { min: 1 })
      expectPositive('leaseMs', leaseMs)
      const claims = await claim(Math.floor(max), leaseMs, signal)
      backlog.look()
      setAlarm()
      return claims
    },
    async settle(outcomes, { signal }) {
      signal.throwIfAborted()
      try {
        await orAborted(settler.settle(outcomes), signal)
      } finally {
        backlog.look()
        setAlarm()
      }
    },
    async extend(tokens, leaseMs, { signal }) {
      signal.throwIfAborted()
      expectPositive('leaseMs', leaseMs)
      return orAborted(settler.extend(tokens, leaseMs), signal)
    },
    async watch(onAvailable, { signal }) {
      const stop = AbortSignal.any([signal, closing.signal])
      if (stop.aborted) return
      const wake = () => {
        if (!stop.aborted) onAvailable()
      }
      watchers.add(wake)
      setAlarm()
      try {
        await listener.listen(wake, stop)
      } finally {
        watchers.delete(wake)
        setAlarm()
      }
    },
    async close() {
      closing.abort()
      clearTimeout(alarm)
      backlog.close()
      await request.close()
    },
  }
}
