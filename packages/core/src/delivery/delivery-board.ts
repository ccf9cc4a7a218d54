import type { HeldFrame } from '../history/history-reader.js'
import type { EpochMs, ImageMimeType } from '../spec/frame.js'
import type { Snapshot } from '../spec/media.js'
import { frameKey } from '../util/frame-key.js'
import type { PutRequest } from './put-media.js'
import type { CheckedRequest } from './select-frames.js'
import type { SourceAccess } from './source-access.js'

export interface DeliveryBoardOptions {
  readonly putters: readonly ((request: PutRequest) => Promise<string>)[]
  render(source: SourceAccess, held: HeldFrame, signal: AbortSignal): Promise<Snapshot>
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
  readonly id: string
  readonly jobIds: string[]
  readonly abort: AbortController
  readonly stored: Promise<Stored>
  interested: number
}

/** Receipts of pictures delivered lately are given again without a put, so that a crowd that comes in several batches costs one. */
const REMEMBERED = { count: 10_000, ms: 10 * 60_000 } as const

/** Groups jobs by frame: one copy, one render, one put for each sink, however many ask. */
export function createDeliveryBoard({ putters, render, onHeldBytes }: DeliveryBoardOptions): DeliveryBoard {
  const entries = new Map<string, Entry>()
  const remembered = new Map<string, { readonly stored: Stored; readonly until: number }>()

  function recall(id: string): Stored | undefined {
    const memory = remembered.get(id)
    if (memory === undefined || memory.until > performance.now()) return memory?.stored
    remembered.delete(id)
    return undefined
  }

  function remember(id: string, stored: Stored): void {
    remembered.set(id, { stored, until: performance.now() + REMEMBERED.ms })
    const oldest = remembered.keys().next().value
    if (remembered.size > REMEMBERED.count && oldest !== undefined) remembered.delete(oldest)
  }

  /** A frame that nobody wants any more is closed to newcomers at once: they start afresh. */
  function close(entry: Entry): void {
    if (entries.get(entry.id) === entry) entries.delete(entry.id)
  }

  async function store(entry: Entry, source: SourceAccess, held: HeldFrame): Promise<Stored> {
    const { id, jobIds } = entry
    const { signal } = entry.abort
    try {
      // The rest of the batch joins before the first put looks at the job ids.
      await Promise.resolve()
      const media = await render(source, held, signal)
      const { captureTime, mimeType, sha256, data } = media
      const key = frameKey(source.name, captureTime, mimeType)
      const puts = await Promise.allSettled(putters.map((put) => put({ media, key, jobIds: () => jobIds, signal })))
      const refused = puts.find((put) => put.status === 'rejected')
      if (refused !== undefined) throw refused.reason
      const uris = puts.map((put) => (put as PromiseFulfilledResult<string>).value)
      const stored = { captureTime, uris, mimeType, bytes: data.byteLength, sha256 }
      remember(id, stored)
      return stored
    } finally {
      close(entry)
      onHeldBytes(-held.bytes)
    }
  }

  function open(source: SourceAccess, { targetTime, lookup }: CheckedRequest): { id: string; entry: Entry | undefined } {
    const known = frameId(source, source.reader.lookup(targetTime, lookup).captureTime)
    if (remembered.has(known) || entries.has(known)) return { id: known, entry: entries.get(known) }
    const held = source.reader.hold(targetTime, lookup)
    const id = frameId(source, held.info.captureTime)
    // The frame looked up may have been evicted before it was copied, and the next one be known already.
    if (remembered.has(id) || entries.has(id)) return { id, entry: entries.get(id) }
    onHeldBytes(held.bytes)
    const entry: Omit<Entry, 'stored'> = { id, jobIds: [], abort: new AbortController(), interested: 0 }
    const started = Object.assign(entry, { stored: store(entry as Entry, source, held) })
    started.stored.catch(() => {})
    entries.set(id, started)
    return { id, entry: started }
  }

  return {
    deliver(source, request, jobId) {
      let { id, entry } = open(source, request)
      const stored = entry === undefined ? recall(id) : undefined
      if (entry === undefined && stored === undefined) {
        // Remembered a moment ago, too old now: deliver it again.
        ;({ id, entry } = open(source, request))
      }
      if (entry === undefined) return { stored: stored! }
      const joined = entry
      joined.jobIds.push(jobId)
      joined.interested++
      return {
        stored: joined.stored,
        leave(reason) {
          joined.interested--
          joined.jobIds.splice(joined.jobIds.indexOf(jobId), 1)
          if (joined.interested > 0) return
          close(joined)
          joined.abort.abort(reason)
        },
      }
    },
  }
}

function frameId(source: SourceAccess, captureTime: EpochMs): string {
  return `${captureTime} ${source.name}`
}
