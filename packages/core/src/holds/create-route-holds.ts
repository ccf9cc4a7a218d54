import type { CheckedRequest } from '../delivery/select-frames.js'
import { bounded } from '../util/abort.js'
import type { HoldParts } from './hold-parts.js'
import { encodeRecord, type HeldPicture, requestKey } from './hold-records.js'
import { holdDamaged, holdsFull } from './holds-error.js'
import type { RouteHolds } from './route-holds.js'

/** How long a held picture may take to be read, in ms, with those before it: after a restart as many are read at once as a route may deliver at once. */
const READ_MS = 60_000

export function createRouteHolds(route: string, parts: HoldParts): RouteHolds {
  const { index, journal, pictures, room, health, flush, emit, newId, closed } = parts
  /** How many claims of each job are under work: one whose lease was lost may be handed out again while its outcome is on its way. */
  const claims = new Map<string, number>()

  /** Records a hold in the index and the journal's queue. False when there is nothing new to write. */
  function add(jobId: string, request: CheckedRequest, picture: HeldPicture): boolean {
    const key = requestKey(request)
    const holding = index.pictures.get(picture.id)
    if (holding === undefined) return false
    const known = index.find(route, jobId)
    if (known?.pictures.get(key) === holding) return false
    const heldAt = known?.heldAt ?? Date.now()
    // Of a picture that nobody holds the journal may have nothing any more.
    if (holding.jobs.size === 0) journal.append(encodeRecord(['picture', picture]))
    index.hold(route, jobId, key, picture.id, heldAt)
    index.find(route, jobId)!.active = true
    journal.append(encodeRecord(['hold', route, jobId, key, picture.id, heldAt]))
    return true
  }

  function forget(jobId: string): boolean {
    if (!index.forget(route, jobId, performance.now())) return false
    journal.append(encodeRecord(['forget', route, jobId]))
    // While the disk rests the line waits for the next sweep. Nobody waits for it: a job that is settled does not come again.
    if (!closed() && !health.resting()) void flush()
    return true
  }

  return {
    claimed(jobId, requests) {
      claims.set(jobId, (claims.get(jobId) ?? 0) + 1)
      const job = index.find(route, jobId)
      if (job === undefined) return
      job.active = true
      const keys = new Set(requests.map(requestKey))
      const held = [...job.pictures]
      const changed = held.filter(([key]) => !keys.has(key)).length
      if (changed === 0) return
      emit('hold:dropped', { reason: 'changed', count: changed })
      forget(jobId)
      for (const request of requests) {
        const kept = held.find(([key]) => key === requestKey(request))?.[1]
        if (kept !== undefined) add(jobId, request, kept.picture)
      }
    },
    find: (jobId, request) => index.find(route, jobId)?.pictures.get(requestKey(request))?.picture,
    async read(picture) {
      const timeoutError = () => new Error(`the disk did not answer within ${READ_MS} ms`)
      try {
        return await bounded(() => pictures.read(picture), {
          signal: new AbortController().signal,
          timeoutMs: READ_MS,
          timeoutError,
        })
      } catch (error) {
        const lost = room.remove(picture.id)
        if (lost > 0) emit('hold:dropped', { reason: 'damaged', count: lost })
        throw holdDamaged(error)
      }
    },
    async keep(media) {
      if (closed()) return undefined
      const { source, captureTime, mimeType, data, sha256, codedWidth, codedHeight, rotation } = media
      const giveBack = room.reserve(data.byteLength)
      if (giveBack === undefined) {
        health.tell(holdsFull(data.byteLength))
        return undefined
      }
      const picture = {
        id: newId(),
        bytes: data.byteLength,
        ...{ source, captureTime, mimeType, sha256, codedWidth, codedHeight, rotation },
      }
      let wanted = true
      try {
        const write = async () => {
          const written = await pictures.write(picture.id, data, () => wanted)
          // Given up meanwhile: nobody will ever name it.
          if (written && !wanted) await pictures.remove(picture.id)
          return written
        }
        const written = await health.run(write)
        if (written !== true) return undefined
        index.add(picture, performance.now())
        return picture
      } finally {
        wanted = index.pictures.has(picture.id)
        giveBack()
      }
    },
    has: ({ id }) => index.pictures.has(id),
    async record(wants, picture) {
      if (closed()) return
      const added = wants.filter(({ jobId, request }) => add(jobId, request, picture))
      if (added.length > 0) await flush()
    },
    left(jobId, settled) {
      const others = (claims.get(jobId) ?? 0) - 1
      // The last one decides: an outcome that came too late was ignored.
      if (others > 0) return void claims.set(jobId, others)
      claims.delete(jobId)
      if (settled && forget(jobId)) return
      const job = index.find(route, jobId)
      if (job !== undefined) job.active = false
    },
  }
}
