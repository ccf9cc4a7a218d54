/**
 * The history in shared memory: header, control words, a table of formats, a table of slots, a byte arena.
 *
 * One writer, any number of readers in any thread. Frames have consecutive u32 sequence numbers (they wrap; compare by difference). The live ones are
 * `[TAIL, HEAD)`. The slot of frame n is `n & (slotCount − 1)`; its bytes lie in one piece in the arena.
 *
 * The sequence lock. The writer never waits:
 *   1. It moves TAIL past every frame whose bytes or slot it is about to overwrite, by an atomic exchange: a full barrier, so that no byte of the new
 *      frame can become visible before the new TAIL.
 *   2. It writes bytes and slot with plain stores.
 *   3. It publishes by an atomic store of HEAD: who sees the new HEAD sees the bytes.
 * A reader takes HEAD and TAIL, reads plainly, and then verifies. Its reads must not sink below the verification: an atomic read-modify-write on a word
 * of its own is the barrier (H.-J. Boehm, "Can seqlocks get along with programming language memory models?", 2012), and touches no cache line
 * of the writer's. Bytes of frame n are whole if TAIL has not passed n. Slot entries are whole as long as HEAD − n < slotCount, which leaves a
 * reader a quarter of the table (the writer keeps at most three quarters live) before a search could meet an entry in the making.
 */

/** What identifies a history's memory: "SNMH". */
export const MAGIC = 0x484d4e53
export const LAYOUT_VERSION = 1

/** Indexes into the Int32 words. HEAD and TAIL have cache lines of their own. */
export const WORD = {
  magic: 0,
  version: 1,
  slotCount: 2,
  maxFrames: 3,
  head: 16,
  tail: 32,
  formatCount: 48,
} as const

/** Indexes into the Float64 words behind the Int32 words. Written by the writer alone, plainly: figures, not truths to lock by. */
export const FIGURE = { durationMs: 32, arenaBytes: 33, pushed: 34, pushedBytes: 35, evicted: 36, liveBytes: 37 } as const

const HEADER_BYTES = 512
const FORMAT_COUNT = 32
/** One byte of length, then UTF-8. */
const FORMAT_BYTES = 96
const SLOT_BYTES = 8 + 8 + 4 + 4 + 4 + 4 + 4
/** Frames begin at multiples of this; a slot's offset counts in it, so that a u32 reaches 32 GiB. */
export const ALIGNMENT = 8

export const formatLimits = { count: FORMAT_COUNT, bytes: FORMAT_BYTES - 1 } as const

/** Views onto the shared memory, the same for writer and readers. */
export interface HistoryViews {
  readonly words: Int32Array<SharedArrayBuffer>
  readonly figures: Float64Array<SharedArrayBuffer>
  readonly formats: Uint8Array<SharedArrayBuffer>
  readonly captureTime: Float64Array<SharedArrayBuffer>
  readonly receiveTime: Float64Array<SharedArrayBuffer>
  /** In units of {@link ALIGNMENT}. */
  readonly offset: Uint32Array<SharedArrayBuffer>
  readonly length: Uint32Array<SharedArrayBuffer>
  /** Frames since the key chunk of the run; 0 for a key chunk and for an image. */
  readonly keyDistance: Uint32Array<SharedArrayBuffer>
  /** Width in the low, height in the high half; 0: unknown. */
  readonly size: Uint32Array<SharedArrayBuffer>
  /** Format index in the low byte, then {@link META} bits. */
  readonly meta: Uint32Array<SharedArrayBuffer>
  readonly arena: Uint8Array<SharedArrayBuffer>
  readonly slotCount: number
  readonly slotMask: number
  readonly maxFrames: number
}

export const META = { video: 1 << 8, rotationShift: 9, formatMask: 0xff } as const

export function slotCountFor(maxFrames: number): number {
  return 2 ** Math.ceil(Math.log2((maxFrames * 4) / 3 + 2))
}

/** Bytes of everything but the arena. */
export function tableBytes(slotCount: number): number {
  return HEADER_BYTES + FORMAT_COUNT * FORMAT_BYTES + slotCount * SLOT_BYTES
}

export function viewHistory(buffer: SharedArrayBuffer, slotCount: number, maxFrames: number): HistoryViews {
  let at = HEADER_BYTES
  const take = <T>(make: (offset: number) => T, bytes: number): T => {
    const view = make(at)
    at += bytes
    return view
  }
  const u32 = () => take((offset) => new Uint32Array(buffer, offset, slotCount), slotCount * 4)
  const f64 = () => take((offset) => new Float64Array(buffer, offset, slotCount), slotCount * 8)
  return {
    words: new Int32Array(buffer, 0, HEADER_BYTES / 4),
    figures: new Float64Array(buffer, 0, HEADER_BYTES / 8),
    formats: take((offset) => new Uint8Array(buffer, offset, FORMAT_COUNT * FORMAT_BYTES), FORMAT_COUNT * FORMAT_BYTES),
    captureTime: f64(),
    receiveTime: f64(),
    offset: u32(),
    length: u32(),
    keyDistance: u32(),
    size: u32(),
    meta: u32(),
    arena: new Uint8Array(buffer, at),
    slotCount,
    slotMask: slotCount - 1,
    maxFrames,
  }
}

/** The MIME type or codec string number `index`. */
export function readFormat(views: HistoryViews, index: number): string {
  const at = index * FORMAT_BYTES
  const length = views.formats[at]!
  return new TextDecoder().decode(views.formats.slice(at + 1, at + 1 + length))
}

/** Writes format number `index`; publishing it is the caller's. */
export function writeFormat(views: HistoryViews, index: number, encoded: Uint8Array): void {
  const at = index * FORMAT_BYTES
  views.formats[at] = encoded.byteLength
  views.formats.set(encoded, at + 1)
}
