import { LookupError, type LookupErrorCode } from '../errors/lookup-error.js'
import type { EpochMs, Frame, ImageMimeType, Rotation } from '../spec/frame.js'
import { findFrame } from './find-frame.js'
import type { FrameInfo, LookupOptions, Match } from './frame-info.js'
import { type HistoryHandle, openHistory } from './history.js'
import { ALIGNMENT, FIGURE, META, readFormat, WORD } from './layout.js'

/** A frame copied out of the history, with all it needs to be decoded. */
export interface HeldFrame {
  readonly info: FrameInfo
  /** The image alone, or the video chunks from the key chunk to the wanted one. Owned by the caller. */
  readonly run: readonly Frame<ArrayBuffer>[]
  /** Bytes of the whole run. */
  readonly bytes: number
}

export interface HistoryStats {
  /** Frames held now. */
  readonly frames: number
  /** Bytes of the frames held now. */
  readonly bytes: number
  /** Bytes of shared memory that frames may fill. */
  readonly maxBytes: number
  /** Newest minus oldest captureTime, in ms. */
  readonly depthMs: number
  /** Frames a second over the newest two seconds' worth of frames. */
  readonly frameRate: number
  readonly oldestCaptureTime: EpochMs | undefined
  readonly newestCaptureTime: EpochMs | undefined
  /** Frames ever pushed, and their bytes. */
  readonly pushed: number
  readonly pushedBytes: number
  readonly evicted: number
}

type FrameInfoDraft = { -readonly [K in keyof FrameInfo]: FrameInfo[K] } & {
  codedWidth?: number
  codedHeight?: number
  rotation?: Rotation
  mimeType?: ImageMimeType
  codec?: string
  type?: 'key' | 'delta'
  keyDistance?: number
}

/** Reads a history from any thread, while it is written. Never blocks the writer, never returns torn bytes. */
export interface HistoryReader {
  oldest(): FrameInfo | undefined
  newest(): FrameInfo | undefined
  /**
   * The frame that answers for a moment, without its bytes.
   *
   * @throws LookupError `SNAPMINT_FRAME_NOT_YET`, `SNAPMINT_FRAME_EVICTED`, `SNAPMINT_FRAME_OUT_OF_TOLERANCE`.
   */
  lookup(targetTime: EpochMs, options?: LookupOptions): FrameInfo
  /** {@link lookup} and {@link read} in one: when the frame is evicted between the two, the next best one is taken. */
  hold(targetTime: EpochMs, options?: LookupOptions): HeldFrame
  /** Copies a frame out, with its run. `undefined` when it is no longer there. */
  read(sequenceNumber: number): HeldFrame | undefined
  /** The frames with `from ≤ captureTime < to`, oldest first. */
  range(from: EpochMs, to: EpochMs): FrameInfo[]
  /** The newest `count` frames, oldest first. */
  latest(count: number): FrameInfo[]
  stats(): HistoryStats
}

/**
 * Attaches a reader, in any thread that was given the handle.
 *
 * @throws `SNAPMINT_HISTORY_INVALID`
 */
export function attachHistory(handle: HistoryHandle): HistoryReader {
  const views = openHistory(handle)
  const { words, captureTime, slotMask } = views
  const formats: string[] = []
  const fence = new Int32Array(new SharedArrayBuffer(4))
  const loadHead = () => Atomics.load(words, WORD.head)
  const loadTail = () => Atomics.load(words, WORD.tail)
  /** Keeps the plain reads before it from sinking below the loads after it. */
  const barrier = () => Atomics.add(fence, 0, 1)

  /** Runs `search` on a stable window of the slot table. */
  function stable<T>(search: (tail: number, count: number) => T): T {
    for (;;) {
      const tail = loadTail()
      const head = loadHead()
      const result = search(tail, (head - tail) >>> 0)
      barrier()
      // (head − tail) may exceed the table when the writer ran on between the two loads: then nothing of it counts.
      if ((loadHead() - tail) >>> 0 < views.slotCount) return result
    }
  }

  function formatAt(index: number): string {
    const known = formats[index]
    if (known !== undefined) return known
    const format = readFormat(views, index)
    // A torn slot entry may name a format that is not published yet: do not remember it.
    if (index < Atomics.load(words, WORD.formatCount)) formats[index] = format
    return format
  }

  // Assignments, not spreads: those took more time than all the rest of a look-up.
  function infoAt(sequence: number): FrameInfo {
    const slot = sequence & slotMask
    const meta = views.meta[slot]!
    const info: FrameInfoDraft = {
      sequenceNumber: sequence >>> 0,
      captureTime: captureTime[slot]!,
      receiveTime: views.receiveTime[slot]!,
      bytes: views.length[slot]!,
    }
    const size = views.size[slot]!
    if (size !== 0) {
      info.codedWidth = size & 0xffff
      info.codedHeight = size >>> 16
    }
    if (meta >>> META.rotationShift !== 0) info.rotation = ((meta >>> META.rotationShift) * 90) as Rotation
    const format = formatAt(meta & META.formatMask)
    if ((meta & META.video) === 0) {
      info.mimeType = format as ImageMimeType
    } else {
      const distance = views.keyDistance[slot]!
      info.codec = format
      info.type = distance === 0 ? 'key' : 'delta'
      info.keyDistance = distance
    }
    return info as FrameInfo
  }

  function at(pick: (tail: number, count: number) => number): FrameInfo | undefined {
    return stable((tail, count) => {
      const index = pick(tail, count)
      return index < 0 ? undefined : infoAt((tail + index) | 0)
    })
  }

  const oldest = () => at((_tail, count) => (count === 0 ? -1 : 0))
  const newest = () => at((_tail, count) => count - 1)

  function lookup(
    targetTime: EpochMs,
    { match = 'closest', toleranceMs = Number.POSITIVE_INFINITY }: LookupOptions = {},
  ): FrameInfo {
    const info = at((tail, count) => findFrame(views, tail, count, targetTime, match))
    if (info === undefined) throw unanswered(targetTime, match, match === 'before' ? oldest() : newest())
    if (Math.abs(info.captureTime - targetTime) > toleranceMs) throw outOfTolerance(targetTime, toleranceMs, info, stats())
    return info
  }

  function copyBytes(sequence: number): Uint8Array<ArrayBuffer> {
    const slot = sequence & slotMask
    const start = views.offset[slot]! * ALIGNMENT
    const target = new Uint8Array(Math.min(views.length[slot]!, views.arena.byteLength))
    // Torn slot entries may point anywhere; subarray clamps, and the verification that follows throws the copy away.
    target.set(views.arena.subarray(start, start + target.byteLength))
    return target
  }

  function read(sequenceNumber: number): HeldFrame | undefined {
    const sequence = sequenceNumber | 0
    const tail = loadTail()
    const head = loadHead()
    if ((sequence - tail) >>> 0 >= (head - tail) >>> 0) return undefined
    const info = infoAt(sequence)
    const distance = 'codec' in info ? info.keyDistance : 0
    const first = (sequence - distance) | 0
    if (distance > (sequence - tail) >>> 0) return undefined
    const run: Frame<ArrayBuffer>[] = []
    for (let n = first; n !== ((sequence + 1) | 0); n = (n + 1) | 0) run.push(frameOf(infoAt(n), copyBytes(n)))
    barrier()
    if (((first - loadTail()) | 0) < 0) return undefined
    return { info, run, bytes: run.reduce((sum, frame) => sum + frame.data.byteLength, 0) }
  }

  function stats(): HistoryStats {
    const { figures } = views
    return stable((tail, count) => {
      const time = (index: number) => captureTime[(tail + index) & slotMask]!
      return {
        frames: count,
        bytes: figures[FIGURE.liveBytes]!,
        maxBytes: figures[FIGURE.arenaBytes]!,
        depthMs: count === 0 ? 0 : time(count - 1) - time(0),
        frameRate: recentFrameRate(count, time),
        oldestCaptureTime: count === 0 ? undefined : time(0),
        newestCaptureTime: count === 0 ? undefined : time(count - 1),
        pushed: figures[FIGURE.pushed]!,
        pushedBytes: figures[FIGURE.pushedBytes]!,
        evicted: figures[FIGURE.evicted]!,
      }
    })
  }

  return {
    oldest,
    newest,
    lookup,
    read,
    hold(targetTime, options) {
      for (;;) {
        const held = read(lookup(targetTime, options).sequenceNumber)
        if (held !== undefined) return held
      }
    },
    latest: (wanted) =>
      stable((tail, count) => {
        const taken = Math.min(wanted, count)
        return Array.from({ length: taken }, (_, index) => infoAt((tail + count - taken + index) | 0))
      }),
    range: (from, to) =>
      stable((tail, count) => {
        const infos: FrameInfo[] = []
        const first = findFrame(views, tail, count, from, 'after')
        for (let index = first; index >= 0 && index < count; index++) {
          if (captureTime[(tail + index) & slotMask]! >= to) break
          infos.push(infoAt((tail + index) | 0))
        }
        return infos
      }),
    stats,
  }
}

function frameOf(info: FrameInfo, data: Uint8Array<ArrayBuffer>): Frame<ArrayBuffer> {
  const { captureTime, codedWidth, codedHeight, rotation } = info
  const common = {
    captureTime,
    data,
    ...(codedWidth !== undefined && { codedWidth, codedHeight }),
    ...(rotation !== undefined && { rotation }),
  }
  return 'codec' in info ? { ...common, codec: info.codec, type: info.type } : { ...common, mimeType: info.mimeType }
}

function recentFrameRate(count: number, time: (index: number) => EpochMs): number {
  const newest = count - 1
  let first = newest
  while (first > 0 && first > newest - 240 && time(newest) - time(first - 1) <= 2000) first--
  return first >= newest ? 0 : ((newest - first) * 1000) / (time(newest) - time(first))
}

function unanswered(targetTime: EpochMs, match: Match, nearest: FrameInfo | undefined): LookupError {
  const nearestCaptureTime = nearest?.captureTime
  if (nearestCaptureTime === undefined) {
    return new LookupError('SNAPMINT_FRAME_NOT_YET', 'The history is empty: no frame was captured yet', { targetTime })
  }
  const code: LookupErrorCode = match === 'before' ? 'SNAPMINT_FRAME_EVICTED' : 'SNAPMINT_FRAME_NOT_YET'
  const what = match === 'before' ? 'The history no longer holds a frame at or before' : 'No frame was captured yet at or after'
  return new LookupError(code, `${what} ${targetTime}; the nearest is of ${nearestCaptureTime}`, {
    targetTime,
    nearestCaptureTime,
  })
}

function outOfTolerance(targetTime: EpochMs, toleranceMs: number, info: FrameInfo, stats: HistoryStats): LookupError {
  const nearestCaptureTime = info.captureTime
  const away = Math.abs(nearestCaptureTime - targetTime)
  const message = `The nearest frame to ${targetTime} is of ${nearestCaptureTime}, ${away} ms away; the tolerance is ${toleranceMs} ms`
  const code: LookupErrorCode =
    targetTime > (stats.newestCaptureTime ?? 0)
      ? 'SNAPMINT_FRAME_NOT_YET'
      : targetTime < (stats.oldestCaptureTime ?? 0)
        ? 'SNAPMINT_FRAME_EVICTED'
        : 'SNAPMINT_FRAME_OUT_OF_TOLERANCE'
  return new LookupError(code, message, { targetTime, nearestCaptureTime })
}
