import type { EpochMs } from '../spec/frame.js'

/*
 * One timeline for every thread and process of a pipeline.
 *
 * Pipeline time is a line over the monotonic clock, which threads and processes of a machine have in common: it goes through a point
 * (`monotonicNs`, `epochNs`) with slope 1. To be brought nearer to the wall clock it may have a slightly different slope for a while: over
 * the `slewDurationNs` after the point it gains `slewNs` (loses, if negative), then the slope is 1 again. A slew thus ends by itself: a main
 * thread that is blocked while the clock runs slower cannot let it run slow for too long.
 *
 * The line is replaced by the clock monitor only (one writer, on the main thread). Two slots take turns: the writer fills the one that is
 * not in use and then publishes it by raising the version, whose lowest bit names the slot. A reader that sees the same version before and
 * after has read a whole line: the slot it read is overwritten only after a second replacement. No reader waits for the writer, and a writer
 * that dies half way leaves the old line in force.
 */

/** What gives a thread the pipeline's clock; structured-cloneable. */
export interface ClockHandle {
  /** Nine signed 64-bit words in the machine's byte order: the version, then two slots of four. */
  readonly buffer: SharedArrayBuffer
}

/** The line that pipeline time follows; all in ns. Structured-cloneable: this is how a forked child, which shares no memory, gets it. */
export interface ClockLine {
  readonly monotonicNs: bigint
  readonly epochNs: bigint
  /** Gained over `slewDurationNs`; larger than `-slewDurationNs`, so that time goes on. */
  readonly slewNs: bigint
  readonly slewDurationNs: bigint
}

/** The clock as one thread sees it. */
export interface PipelineClock {
  /** Wall time in epoch ms; never less than what this opener returned before. */
  now(): EpochMs
}

/** Reads the monotonic clock, in ns. */
export type MonotonicNs = () => bigint

const wordsPerLine = 4

/** A clock that agrees with the system's wall clock at this moment. */
export function createClock({
  wall = Date.now,
  monotonic = process.hrtime.bigint,
}: {
  readonly wall?: () => EpochMs
  readonly monotonic?: MonotonicNs
} = {}): ClockHandle {
  const buffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT * (1 + 2 * wordsPerLine))
  const clock: ClockHandle = { buffer }
  replaceClockLine(clock, { ...alignToTick(wall, monotonic), slewNs: 0n, slewDurationNs: 0n })
  return clock
}

/** A clock that follows a line received from another process. */
export function createClockFrom(line: ClockLine): ClockHandle {
  const clock: ClockHandle = { buffer: new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT * (1 + 2 * wordsPerLine)) }
  replaceClockLine(clock, line)
  return clock
}

/** The clock for this thread. */
export function openClock(
  clock: ClockHandle,
  { monotonic = process.hrtime.bigint }: { readonly monotonic?: MonotonicNs } = {},
): PipelineClock {
  const words = new BigInt64Array(clock.buffer)
  let version = Atomics.load(words, 0)
  let line = readClockLine(clock)
  let beginMs = epochMs(line)
  let newest = Number.NEGATIVE_INFINITY
  return {
    now() {
      const current = Atomics.load(words, 0)
      if (current !== version) {
        line = readClockLine(clock)
        beginMs = epochMs(line)
        version = current
      }
      const at = monotonic()
      const time = beginMs + Number(at - line.monotonicNs + slewedNs(line, at)) / 1e6
      // A thread that read the old line just before it was replaced by a slower one is ahead by a fraction of a microsecond.
      if (time > newest) newest = time
      return newest
    },
  }
}

/** Where the line begins. The epoch in ns has more digits than a double can hold: what is added to it is small, and goes through one by itself. */
const epochMs = ({ epochNs }: ClockLine) => Number(epochNs / 1000n) / 1000

/** Changes whenever the line is replaced. */
export function clockVersion(clock: ClockHandle): bigint {
  return Atomics.load(new BigInt64Array(clock.buffer), 0)
}

/** The line in force. */
export function readClockLine(clock: ClockHandle): ClockLine {
  const words = new BigInt64Array(clock.buffer)
  for (;;) {
    const version = Atomics.load(words, 0)
    const slot = slotOf(version)
    const line = {
      monotonicNs: Atomics.load(words, slot),
      epochNs: Atomics.load(words, slot + 1),
      slewNs: Atomics.load(words, slot + 2),
      slewDurationNs: Atomics.load(words, slot + 3),
    }
    if (Atomics.load(words, 0) === version) return line
  }
}

/** Puts `line` in force, for every thread that opened the clock. One thread only may call this for a clock. */
export function replaceClockLine(clock: ClockHandle, line: ClockLine): void {
  const words = new BigInt64Array(clock.buffer)
  const version = Atomics.load(words, 0) + 1n
  const slot = slotOf(version)
  Atomics.store(words, slot, line.monotonicNs)
  Atomics.store(words, slot + 1, line.epochNs)
  Atomics.store(words, slot + 2, line.slewNs)
  Atomics.store(words, slot + 3, line.slewDurationNs)
  Atomics.store(words, 0, version)
}

/** Pipeline time in epoch ns at the monotonic time `at`. */
export function epochNsAt(line: ClockLine, at: bigint): bigint {
  return line.epochNs + (at - line.monotonicNs) + slewedNs(line, at)
}

/** What the line has gained by its slew at the monotonic time `at`. */
export function slewedNs(line: ClockLine, at: bigint): bigint {
  const elapsed = at - line.monotonicNs
  if (elapsed >= line.slewDurationNs) return line.slewNs
  return (line.slewNs * elapsed) / line.slewDurationNs
}

function slotOf(version: bigint): number {
  return 1 + wordsPerLine * Number(version & 1n)
}

/** `wall` has whole milliseconds: waits, for 2 ms at most, until it moves on, which tells the fraction. */
function alignToTick(wall: () => EpochMs, monotonic: MonotonicNs): { monotonicNs: bigint; epochNs: bigint } {
  const first = wall()
  const since = monotonic()
  for (let reads = 0; reads < 100_000; reads++) {
    const epochMs = wall()
    const monotonicNs = monotonic()
    if (epochMs !== first || monotonicNs - since > 2_000_000n) return { monotonicNs, epochNs: nanoseconds(epochMs) }
  }
  return { monotonicNs: monotonic(), epochNs: nanoseconds(wall()) }
}

function nanoseconds(epochMs: EpochMs): bigint {
  return BigInt(Math.round(epochMs * 1000)) * 1000n
}
