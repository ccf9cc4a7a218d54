import { SnapmintError } from '../errors/snapmint-error.js'
import type { EpochMs, Frame } from '../spec/frame.js'
import { splitMicroseconds } from '../util/frame-key.js'
import { type HistoryHandle, openHistory } from './history.js'
import { ALIGNMENT, FIGURE, formatLimits, type HistoryViews, META, readFormat, WORD, writeFormat } from './layout.js'

/** The one writer of a history. Single-threaded; never waits for a reader. */
export interface HistoryWriter {
  /**
   * Stores a frame, evicting what is too old or in its place. Copies `frame.data` unless it is (the beginning of) the view that `allocate` returned.
   *
   * @returns the frame's sequence number, u32.
   * @throws `SNAPMINT_FRAME_EMPTY`, `SNAPMINT_FRAME_TOO_LARGE`, `SNAPMINT_FRAME_TIME_INVALID`, `SNAPMINT_FRAME_TIME_BACKWARDS`,
   *   `SNAPMINT_FRAME_WITHOUT_KEY`, `SNAPMINT_HISTORY_FORMATS_FULL`; the frame is not stored then.
   */
  push(frame: Frame, receiveTime: EpochMs): number
  /**
   * An area of the arena to fill and push. Evicts what lies there. Valid until the next `allocate` or `push`.
   *
   * @throws `SNAPMINT_FRAME_TOO_LARGE`
   */
  allocate(byteLength: number): Uint8Array<SharedArrayBuffer>
  /** A new run of the source begins, or a chunk is missing: video must go on with a key chunk. */
  beginRun(): void
}

/** Opens a history for writing. After the end of a former writer, even a sudden one, it goes on behind the last complete frame. */
export function openHistoryWriter(handle: HistoryHandle): HistoryWriter {
  const views = openHistory(handle)
  const place = createPlacement(views)
  const formats = createFormats(views)
  let needsKey = true
  let reserved: { readonly at: number; readonly bytes: number } | undefined

  const isReserved = (data: Uint8Array, area: { readonly at: number; readonly bytes: number }): boolean =>
    data.buffer === views.arena.buffer && data.byteOffset === views.arena.byteOffset + area.at && data.byteLength <= area.bytes

  const commit = (frame: Frame, at: number, distance: number, formatIndex: number, receiveTime: EpochMs): number => {
    const head = Atomics.load(views.words, WORD.head)
    const slot = head & views.slotMask
    views.captureTime[slot] = frame.captureTime
    views.receiveTime[slot] = receiveTime
    views.offset[slot] = at / ALIGNMENT
    views.length[slot] = frame.data.byteLength
    views.keyDistance[slot] = distance
    views.size[slot] = ((frame.codedWidth ?? 0) & 0xffff) | (((frame.codedHeight ?? 0) & 0xffff) << 16)
    views.meta[slot] = formatIndex | ('codec' in frame ? META.video : 0) | (((frame.rotation ?? 0) / 90) << META.rotationShift)
    Atomics.store(views.words, WORD.head, (head + 1) | 0)
    place.committed(frame.data.byteLength)
    return head >>> 0
  }

  return {
    push(frame, receiveTime) {
      const area = reserved
      reserved = undefined
      const { data } = frame
      checkFrame(frame, place.newestCaptureTime(), views.arena.byteLength)
      const formatIndex = formats.indexOf('codec' in frame ? frame.codec : frame.mimeType)
      const delta = 'codec' in frame && frame.type === 'delta'
      const distance = delta ? place.nextDistance(formatIndex, needsKey) : 0
      place.evictOlderThan(frame.captureTime)
      place.evictSlot()
      const inPlace = area !== undefined && isReserved(data, area)
      const at = inPlace ? area.at : place.claim(data.byteLength)
      if (delta && place.liveCount() < distance) throw runTooLarge(views)
      if (!inPlace) views.arena.set(data, at)
      needsKey = false
      return commit(frame, at, distance, formatIndex, receiveTime)
    },
    allocate(byteLength) {
      if (byteLength > views.arena.byteLength) throw frameTooLarge(byteLength, views.arena.byteLength)
      const at = place.claim(byteLength)
      reserved = { at, bytes: byteLength }
      return views.arena.subarray(at, at + byteLength)
    },
    beginRun() {
      needsKey = true
    },
  }
}

function checkFrame({ captureTime, data }: Frame, newest: EpochMs | undefined, arenaBytes: number): void {
  if (!Number.isFinite(captureTime)) {
    throw new SnapmintError(
      'SNAPMINT_FRAME_TIME_INVALID',
      `A frame's captureTime is ${String(captureTime)}; it must be a number of ms since the Unix epoch`,
    )
  }
  if (data.byteLength === 0) throw new SnapmintError('SNAPMINT_FRAME_EMPTY', `The frame of ${captureTime} has no bytes`)
  if (data.byteLength > arenaBytes) throw frameTooLarge(data.byteLength, arenaBytes)
  // Times that are further apart need no rounding to be told apart.
  if (newest !== undefined && captureTime - newest < 0.002 && microseconds(captureTime) <= microseconds(newest)) {
    throw new SnapmintError(
      'SNAPMINT_FRAME_TIME_BACKWARDS',
      `A frame of ${captureTime} came after the one of ${newest}; captureTime must grow by at least a microsecond`,
    )
  }
}

/** What keys carry of a time: two frames of the same microsecond would have the same name. */
function microseconds(time: EpochMs): number {
  const { wholeMs, microseconds } = splitMicroseconds(time)
  return wholeMs * 1000 + microseconds
}

function frameTooLarge(bytes: number, arenaBytes: number): SnapmintError {
  return new SnapmintError(
    'SNAPMINT_FRAME_TOO_LARGE',
    `A frame of ${bytes} bytes does not fit into a history of ${arenaBytes} bytes; raise history.maxBytes`,
  )
}

function runTooLarge(views: HistoryViews): SnapmintError {
  return new SnapmintError(
    'SNAPMINT_FRAME_WITHOUT_KEY',
    `The key chunk of this delta has left the history of ${views.arena.byteLength} bytes: the run does not fit. Raise history.maxBytes or durationMs, or shorten the key frame interval`,
  )
}

/** Where frames lie: claims room in the arena, evicts, keeps count. Evicting is always by whole runs, so that TAIL stands on a key chunk or an image. */
function createPlacement(views: HistoryViews) {
  const { words, figures, captureTime, offset, length, keyDistance, meta, arena, slotMask } = views
  const head = () => Atomics.load(words, WORD.head)
  let tail = Atomics.load(words, WORD.tail)
  // First sequence number known to lie behind the run that TAIL stands on; found step by step, as a run may still grow.
  let runEnd = tail
  // A writer that died may have left figures that miss its last step: what lies between TAIL and HEAD is the truth.
  figures[FIGURE.liveBytes] = 0
  for (let n = tail; n !== head(); n = (n + 1) | 0) figures[FIGURE.liveBytes]! += length[n & slotMask]!
  const newestSlot = () => (head() - 1) & slotMask
  const live = () => head() - tail !== 0
  let end = live() ? behind(newestSlot()) : 0

  function behind(slot: number): number {
    return Math.ceil((offset[slot]! * ALIGNMENT + length[slot]!) / ALIGNMENT) * ALIGNMENT
  }

  function findRunEnd(): number {
    const last = head()
    if (runEnd === tail && runEnd !== last) runEnd = (runEnd + 1) | 0
    while (runEnd !== last && keyDistance[runEnd & slotMask] !== 0) runEnd = (runEnd + 1) | 0
    return runEnd
  }

  function evictRun(): void {
    const next = findRunEnd()
    for (let n = tail; n !== next; n = (n + 1) | 0) figures[FIGURE.liveBytes]! -= length[n & slotMask]!
    figures[FIGURE.evicted]! += (next - tail) >>> 0
    tail = next
    runEnd = next
    Atomics.exchange(words, WORD.tail, tail)
  }

  const tailStart = () => offset[tail & slotMask]! * ALIGNMENT

  return {
    liveCount: () => (head() - tail) >>> 0,
    newestCaptureTime: (): EpochMs | undefined =>
      (head() - Atomics.load(words, WORD.tail)) >>> 0 === 0 ? lastEver() : captureTime[newestSlot()],
    /** Distance to the key of the chunk to come. */
    nextDistance(formatIndex: number, needsKey: boolean): number {
      const slot = newestSlot()
      if (needsKey || !live() || (meta[slot]! & META.formatMask) !== formatIndex || (meta[slot]! & META.video) === 0) {
        throw new SnapmintError(
          'SNAPMINT_FRAME_WITHOUT_KEY',
          'A delta chunk came without its key chunk; it cannot be decoded. The next key chunk mends it',
        )
      }
      return keyDistance[slot]! + 1
    },
    /** Evicts the runs whose last frame is older than the history's duration. */
    evictOlderThan(newest: EpochMs): void {
      const cutoff = newest - figures[FIGURE.durationMs]!
      while (live() && captureTime[(findRunEnd() - 1) & slotMask]! < cutoff) evictRun()
    },
    evictSlot(): void {
      while ((head() - tail) >>> 0 >= views.maxFrames) evictRun()
    },
    /** Room for `bytes` in one piece; what lay there is evicted. */
    claim(bytes: number): number {
      if (!live()) end = 0
      if (end + bytes > arena.byteLength) {
        while (live() && tailStart() >= end) evictRun()
        end = 0
      }
      while (live() && tailStart() >= end && tailStart() < end + bytes) evictRun()
      return live() ? end : 0
    },
    committed(bytes: number): void {
      end = behind(newestSlot())
      figures[FIGURE.pushed]! += 1
      figures[FIGURE.pushedBytes]! += bytes
      figures[FIGURE.liveBytes]! += bytes
    },
  }

  // Times stay monotone even when a frame as large as the arena has evicted everything.
  function lastEver(): EpochMs | undefined {
    return figures[FIGURE.pushed] === 0 ? undefined : captureTime[newestSlot()]
  }
}

/** MIME types and codec strings, numbered in the order of their first use. */
function createFormats(views: HistoryViews) {
  const known = new Map<string, number>()
  for (let index = 0; index < Atomics.load(views.words, WORD.formatCount); index++) known.set(readFormat(views, index), index)
  return {
    indexOf(format: string): number {
      const index = known.get(format)
      if (index !== undefined) return index
      const encoded = new TextEncoder().encode(format)
      if (known.size >= formatLimits.count || encoded.byteLength > formatLimits.bytes) {
        throw new SnapmintError(
          'SNAPMINT_HISTORY_FORMATS_FULL',
          `The format "${format.slice(0, 100)}" finds no room: a history knows ${formatLimits.count} formats of up to ${formatLimits.bytes} bytes`,
        )
      }
      const next = known.size
      writeFormat(views, next, encoded)
      Atomics.store(views.words, WORD.formatCount, next + 1)
      known.set(format, next)
      return next
    },
  }
}
