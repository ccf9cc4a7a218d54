import { SnapmintError } from '../errors/snapmint-error.js'
import { expectKnownOptions, expectNumber, expectPositive } from '../util/expect-option.js'
import {
  ALIGNMENT,
  FIGURE,
  type HistoryViews,
  LAYOUT_VERSION,
  MAGIC,
  slotCountFor,
  tableBytes,
  viewHistory,
  WORD,
} from './layout.js'

export interface HistoryOptions {
  /** How far back the history reaches, in ms, counted from its newest frame. Default 60,000. */
  readonly durationMs?: number
  /** Bytes of shared memory, tables included; from 64 KiB. The system hands them out as they fill. Default 256 MiB. */
  readonly maxBytes?: number
  /**
   * Most frames held at once. Default: what `durationMs` takes at 120 frames a second, but at most one frame for each 2 KiB of `maxBytes`.
   */
  readonly maxFrames?: number
}

/** A history's memory: structured-cloneable, so that any thread of the process can attach to it. */
export interface HistoryHandle {
  readonly buffer: SharedArrayBuffer
}

export const historyDefaults = { durationMs: 60_000, maxBytes: 256 * 2 ** 20 } as const

interface HistoryPlan {
  readonly durationMs: number
  readonly maxFrames: number
  readonly slotCount: number
  /** Bytes of the whole. */
  readonly total: number
}

/**
 * What {@link createHistory} would allocate, without doing so.
 *
 * @throws TypeError, RangeError for bad options.
 */
export function planHistory(options: HistoryOptions): HistoryPlan {
  expectKnownOptions('createHistory', options, ['durationMs', 'maxBytes', 'maxFrames'])
  const { durationMs = historyDefaults.durationMs, maxBytes = historyDefaults.maxBytes } = options
  expectPositive('durationMs', durationMs)
  expectNumber('maxBytes', maxBytes, { min: 64 * 2 ** 10, max: 32 * 2 ** 30, integer: true })
  const { maxFrames = defaultMaxFrames(durationMs, maxBytes) } = options
  expectNumber('maxFrames', maxFrames, { min: 1, max: 2 ** 26, integer: true })
  const slotCount = slotCountFor(maxFrames)
  const total = Math.floor(maxBytes / ALIGNMENT) * ALIGNMENT
  if (tableBytes(slotCount) > total / 2) {
    throw new RangeError(
      `\`maxFrames\` ${maxFrames} needs tables of ${tableBytes(slotCount)} bytes, more than half of \`maxBytes\` ${maxBytes}`,
    )
  }
  return { durationMs, maxFrames, slotCount, total }
}

/**
 * Allocates an empty history.
 *
 * @throws TypeError, RangeError for bad options, and RangeError when the memory cannot be had.
 */
export function createHistory(options: HistoryOptions = {}): HistoryHandle {
  const { durationMs, maxFrames, slotCount, total } = planHistory(options)
  const buffer = allocateShared(total)
  const { words, figures, arena } = viewHistory(buffer, slotCount, maxFrames)
  words[WORD.magic] = MAGIC
  words[WORD.version] = LAYOUT_VERSION
  words[WORD.slotCount] = slotCount
  words[WORD.maxFrames] = maxFrames
  figures[FIGURE.durationMs] = durationMs
  figures[FIGURE.arenaBytes] = arena.byteLength
  return { buffer }
}

function defaultMaxFrames(durationMs: number, maxBytes: number): number {
  return Math.max(16, Math.min(Math.ceil((durationMs / 1000) * 120), Math.floor(maxBytes / 2048)))
}

function allocateShared(byteLength: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(byteLength)
  } catch (error) {
    throw new RangeError(`Cannot allocate a history of ${byteLength} bytes; choose a smaller \`maxBytes\``, { cause: error })
  }
}

/**
 * Views of a history's memory.
 *
 * @throws `SNAPMINT_HISTORY_INVALID` when the buffer is no history of this version.
 */
export function openHistory({ buffer }: HistoryHandle): HistoryViews {
  const words =
    buffer instanceof SharedArrayBuffer && buffer.byteLength >= 64 * 2 ** 10 ? new Int32Array(buffer, 0, 64) : undefined
  if (words?.[WORD.magic] !== MAGIC || words[WORD.version] !== LAYOUT_VERSION) {
    throw new SnapmintError(
      'SNAPMINT_HISTORY_INVALID',
      'The buffer holds no history of this version; pass on the handle that createHistory made',
    )
  }
  return viewHistory(buffer, words[WORD.slotCount]!, words[WORD.maxFrames]!)
}
