import type { EpochMs } from '../spec/frame.js'
import { encodeRecord, type HeldPicture, type HoldRecord, versionRecord } from './hold-records.js'

/** A job that has held pictures. */
export interface HeldJob {
  readonly route: string
  readonly jobId: string
  readonly heldAt: EpochMs
  /** By request. */
  readonly pictures: Map<string, Holding>
  /** A claim of it is under work in this process. */
  active: boolean
}

export interface Holding {
  readonly picture: HeldPicture
  readonly jobs: Set<HeldJob>
  /** When nobody held it any more, or it was new, on the monotonic clock. */
  freeSince: number
}

export type HoldIndex = ReturnType<typeof createHoldIndex>

/** Which job holds which picture. Plain bookkeeping in memory: it touches no disk and has no clock. Both maps are in order of age. */
export function createHoldIndex() {
  const pictures = new Map<string, Holding>()
  const jobs = new Map<string, HeldJob>()
  let bytes = 0

  const keyOf = (route: string, jobId: string) => JSON.stringify([route, jobId])

  function unlink(job: HeldJob, request: string, now: number): void {
    const holding = job.pictures.get(request)
    if (holding === undefined) return
    job.pictures.delete(request)
    if ([...job.pictures.values()].includes(holding)) return
    holding.jobs.delete(job)
    if (holding.jobs.size === 0) holding.freeSince = now
  }

  function forget(route: string, jobId: string, now: number): boolean {
    const job = jobs.get(keyOf(route, jobId))
    if (job === undefined) return false
    jobs.delete(keyOf(route, jobId))
    for (const request of [...job.pictures.keys()]) unlink(job, request, now)
    return true
  }

  return {
    get bytes() {
      return bytes
    },
    pictures: pictures as ReadonlyMap<string, Holding>,
    jobs: jobs as ReadonlyMap<string, HeldJob>,
    find: (route: string, jobId: string): HeldJob | undefined => jobs.get(keyOf(route, jobId)),
    add(picture: HeldPicture, now: number): void {
      if (pictures.has(picture.id)) return
      pictures.set(picture.id, { picture, jobs: new Set(), freeSince: now })
      bytes += picture.bytes
    },
    /** False when the picture is not there (any more). */
    hold(route: string, jobId: string, request: string, pictureId: string, heldAt: EpochMs): boolean {
      const holding = pictures.get(pictureId)
      if (holding === undefined) return false
      const job = jobs.get(keyOf(route, jobId)) ?? { route, jobId, heldAt, pictures: new Map(), active: false }
      jobs.set(keyOf(route, jobId), job)
      unlink(job, request, Number.NEGATIVE_INFINITY)
      job.pictures.set(request, holding)
      holding.jobs.add(job)
      return true
    },
    forget,
    /** Takes a picture away, and answers how many jobs had it. */
    drop(pictureId: string, now: number): number {
      const holding = pictures.get(pictureId)
      if (holding === undefined) return 0
      const holders = [...holding.jobs]
      for (const job of holders) {
        for (const [request, held] of [...job.pictures]) if (held === holding) unlink(job, request, now)
        if (job.pictures.size === 0) jobs.delete(keyOf(job.route, job.jobId))
      }
      pictures.delete(pictureId)
      bytes -= holding.picture.bytes
      return holders.length
    },
    /** What the journal has to say, at least. */
    *lines(): Generator<string> {
      yield encodeRecord(versionRecord)
      for (const { picture, jobs: holders } of pictures.values()) {
        if (holders.size > 0) yield encodeRecord(['picture', picture])
      }
      for (const { route, jobId, heldAt, pictures: held } of jobs.values()) {
        for (const [request, { picture }] of held) yield encodeRecord(['hold', route, jobId, request, picture.id, heldAt])
      }
    },
  }
}

/** Does to the index what a line of the journal says. */
export function applyRecord(index: HoldIndex, record: HoldRecord, now: number): void {
  if (record[0] === 'picture') index.add(record[1], now)
  else if (record[0] === 'hold') index.hold(record[1], record[2], record[3], record[4], record[5])
  else if (record[0] === 'forget') index.forget(record[1], record[2], now)
  else if (record[0] === 'drop') index.drop(record[1], now)
}
