import type { HeldFrame } from '../history/history-reader.js'
import type { HeldPicture } from '../holds/hold-records.js'
import type { HoldRequest, RouteHolds } from '../holds/route-holds.js'
import type { EpochMs, ImageMimeType } from '../spec/frame.js'
import type { Snapshot } from '../spec/media.js'
import { orAborted } from '../util/abort.js'
import { frameKey } from '../util/frame-key.js'
import { createMemory } from './delivery-memory.js'
import type { PutRequest } from './put-media.js'
import type { CheckedRequest } from './select-frames.js'
import type { SourceAccess } from './source-access.js'

export interface DeliveryBoardOptions {
  readonly putters: readonly ((request: PutRequest) => Promise<string>)[]
  render(source: SourceAccess, held: HeldFrame, signal: AbortSignal): Promise<Snapshot>
  /** Where pictures are kept on disk before they are put. */
  readonly holds?: RouteHolds | undefined
  /** Called with +bytes when a frame is copied out, with −bytes when it is let go. */
  onHeldBytes(change: number): void
}

export interface DeliveryBoard {
  /**
   * Delivers the frame that answers `request`, together with every other job that wants the same frame. Matches and copies synchronously: when this
   * returns, the picture can no longer be lost.
   *
   * @throws LookupError at once; `stored` rejects with a SnapmintError, or with the reason of `leave` when nobody is left who wants the frame.
   */
  deliver(source: SourceAccess, request: CheckedRequest, jobId: string): Delivery
  /** Delivers a picture that is held on disk. `stored` rejects with `SNAPMINT_HOLD_FAILED` when it is not there any more. */
  deliverHeld(picture: HeldPicture, request: CheckedRequest, jobId: string): Delivery
}

export interface Delivery {
  readonly stored: Stored | Promise<Stored>
  /** The job wants the frame no more. */
  leave?(reason: unknown): void
}

/** A picture that every sink of the route has. */
export interface Stored {
  readonly captureTime: EpochMs
  readonly uris: readonly string[]
  readonly mimeType: ImageMimeType
  readonly bytes: number
  readonly sha256: string
}

interface Entry {
  /** The frame's, and that of its picture on the disk once there is one. */
  readonly ids: string[]
  readonly jobIds: string[]
  /** What the jobs asked for, where pictures are held. */
  readonly wants: HoldRequest[]
  picture?: HeldPicture | undefined
  readonly abort: AbortController
  readonly stored: Promise<Stored>
  interested: number
}

/** A picture that was delivered. */
interface Memory {
  readonly stored: Stored
  readonly picture: HeldPicture | undefined
}

/** Groups jobs by frame: one copy, one render, one put for each sink, however many ask. */
export function createDeliveryBoard({ putters, render, holds, onHeldBytes }: DeliveryBoardOptions): DeliveryBoard {
  const entries = new Map<string, Entry>()
  const remembered = createMemory<Memory>()

  /** A frame that nobody wants any more is closed to newcomers at once: they start afresh. */
  function close(entry: Entry): void {
    for (const id of entry.ids) if (entries.get(id) === entry) entries.delete(id)
  }

  /** Before any sink is asked, the picture and who gets it are on the disk: whoever is killed after that delivers the same again. */
  async function secure(entry: Entry, media: Snapshot, { keep, record }: RouteHolds): Promise<void> {
    entry.picture ??= await keep(media)
    if (entry.picture === undefined) return
    const id = pictureId(entry.picture)
    if (!entry.ids.includes(id) && entries.get(entry.ids[0]!) === entry) {
      entry.ids.push(id)
      entries.set(id, entry)
    }
    // Those who join from here on record themselves.
    await record(entry.wants, entry.picture)
  }

  async function store(entry: Entry, make: (signal: AbortSignal) => Promise<Snapshot>, heldBytes: number): Promise<Stored> {
    const { ids, jobIds } = entry
    const { signal } = entry.abort
    try {
      // The rest of the batch joins before the first put looks at the job ids.
      await Promise.resolve()
      const media = await make(signal)
      if (holds !== undefined) await orAborted(secure(entry, media, holds), signal)
      const { source, captureTime, mimeType, sha256, data } = media
      const key = frameKey(source, captureTime, mimeType)
      const puts = await Promise.allSettled(putters.map((put) => put({ media, key, jobIds: () => jobIds, signal })))
      const refused = puts.find((put) => put.status === 'rejected')
      if (refused !== undefined) throw refused.reason
      const uris = puts.map((put) => (put as PromiseFulfilledResult<string>).value)
      const stored = { captureTime, uris, mimeType, bytes: data.byteLength, sha256 }
      for (const id of ids) remembered.set(id, { stored, picture: entry.picture })
      return stored
    } finally {
      close(entry)
      onHeldBytes(-heldBytes)
    }
  }

  /** Who delivers it now or has delivered it lately. What is to be held and is not on the disk any more is delivered again. */
  function find(id: string): Entry | Memory | undefined {
    const entry = entries.get(id)
    if (entry !== undefined) return entry
    const memory = remembered.get(id)
    return memory?.picture === undefined || holds === undefined || holds.has(memory.picture) ? memory : undefined
  }

  function start(id: string, heldBytes: number, make: (signal: AbortSignal) => Promise<Snapshot>, picture?: HeldPicture): Entry {
    onHeldBytes(heldBytes)
    const entry: Omit<Entry, 'stored'> = {
      ids: [id],
      jobIds: [],
      wants: [],
      picture,
      abort: new AbortController(),
      interested: 0,
    }
    const started = Object.assign(entry, { stored: store(entry as Entry, make, heldBytes) })
    started.stored.catch(() => {})
    entries.set(id, started)
    return started
  }

  function open(source: SourceAccess, { targetTime, lookup }: CheckedRequest): Entry | Memory {
    const known = find(frameId(source, source.reader.lookup(targetTime, lookup).captureTime))
    if (known !== undefined) return known
    const held = source.reader.hold(targetTime, lookup)
    const id = frameId(source, held.info.captureTime)
    // The frame looked up may have been evicted before it was copied, and the next one be known already.
    return find(id) ?? start(id, held.bytes, (signal) => render(source, held, signal))
  }

  /** What was delivered before answers this job as well. It is held like any other. */
  function recall({ stored, picture }: Memory, want: HoldRequest): Delivery {
    if (holds === undefined || picture === undefined) return { stored }
    return { stored: holds.record([want], picture).then(() => stored) }
  }

  function join(entry: Entry, want: HoldRequest): Delivery {
    const { jobId } = want
    entry.jobIds.push(jobId)
    entry.interested++
    if (holds !== undefined) entry.wants.push(want)
    const recorded = holds === undefined || entry.picture === undefined ? undefined : holds.record([want], entry.picture)
    return {
      stored: recorded === undefined ? entry.stored : entry.stored.then((stored) => recorded.then(() => stored)),
      leave(reason) {
        entry.interested--
        entry.jobIds.splice(entry.jobIds.indexOf(jobId), 1)
        if (holds !== undefined) entry.wants.splice(entry.wants.indexOf(want), 1)
        if (entry.interested > 0) return
        close(entry)
        entry.abort.abort(reason)
      },
    }
  }

  const answer = (found: Entry | Memory, want: HoldRequest) => ('ids' in found ? join(found, want) : recall(found, want))

  return {
    deliver: (source, request, jobId) => answer(open(source, request), { jobId, request }),
    deliverHeld(picture, request, jobId) {
      const id = pictureId(picture)
      const read = (signal: AbortSignal) => orAborted(holds!.read(picture), signal)
      return answer(find(id) ?? start(id, picture.bytes, read, picture), { jobId, request })
    },
  }
}

function frameId(source: SourceAccess, captureTime: EpochMs): string {
  return `${captureTime} ${source.name}`
}

/** No frame's id: those begin with a number. */
function pictureId({ id }: HeldPicture): string {
  return `picture ${id}`
}
