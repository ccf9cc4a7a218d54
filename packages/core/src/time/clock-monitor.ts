import type { ClockEvents } from '../observe/pipeline-events.js'
import type { EpochMs } from '../spec/frame.js'
import {
  type ClockHandle,
  type ClockLine,
  epochNsAt,
  type MonotonicNs,
  readClockLine,
  replaceClockLine,
  slewedNs,
} from './pipeline-clock.js'
import { systemTimers, type Timers } from './timers.js'

/*
 * Keeps the pipeline's clock with the system's wall clock. Once a second it compares the two.
 *
 * - What counts is the *deviation*: how far the clock will be off once the slew already under way is done. A correction is thus planned once and
 *   not again at every comparison.
 * - Deviations of up to 2 ms are noise: Date.now() has whole milliseconds, and the thread may be interrupted between two readings (a pair of
 *   readings that took more than 1 ms is thrown away).
 * - The clock is behind by 50 ms or more (the wall clock was stepped forward, or the machine was suspended while the monotonic clock stood
 *   still): it jumps to the wall clock at once. Times only grow. Event `clock:stepped`, `adopted`.
 * - The clock is ahead by 50 ms or more (the wall clock was stepped back): it runs 5 % slower until the wall clock has come up with it. Time goes
 *   on, and the spacing of frames is right within 5 %; a step of one hour takes 20 hours. Event `clock:stepped`, `slewing`. Until then receipts carry
 *   `clockErrorMs`.
 * - Less than 50 ms, either way: drift or NTP's own slewing. The clock runs faster or slower by 500 ppm until both agree. No event.
 *
 * The clock's rate is thus always between 0.95 and 1.0005 of the monotonic clock's, jumps lead forward only, and now() never runs backwards.
 */

/** Keeps a clock with the wall clock until stopped. */
export interface ClockMonitor {
  /** The pipeline's clock minus the system's wall clock, in ms; exact to half a millisecond. */
  errorMs(): number
  /** Compares the clocks now; normally the timer does it. */
  check(): void
  /** Stops comparing; the clock goes on. Idempotent. */
  stop(): void
}

export interface ClockMonitorOptions {
  readonly clock: ClockHandle
  readonly emit: <K extends keyof ClockEvents>(event: K, payload: ClockEvents[K]) => void
  /** Default `Date.now`. */
  readonly wall?: () => EpochMs
  /** Default `process.hrtime.bigint`; the one that the clock was created with. */
  readonly monotonic?: MonotonicNs
  readonly timers?: Pick<Timers, 'every'>
}

/** Ms between two comparisons. */
const clockCheckIntervalMs = 1000

const noiseNs = 2_000_000n
const stepNs = 50_000_000n
const longestReadingNs = 1_000_000n

/** Starts to keep `clock` with the wall clock. One monitor per clock, on the thread that created it. */
export function startClockMonitor({
  clock,
  emit,
  wall = Date.now,
  monotonic = process.hrtime.bigint,
  timers = systemTimers,
}: ClockMonitorOptions): ClockMonitor {
  const stop = timers.every(clockCheckIntervalMs, check)

  function check(): void {
    const reading = readBoth(wall, monotonic)
    if (reading === undefined) return
    const { at, wallNs } = reading
    const line = readClockLine(clock)
    const time = epochNsAt(line, at)
    const error = time - wallNs
    const deviation = error + line.slewNs - slewedNs(line, at)
    if (absolute(deviation) <= noiseNs) return
    if (error <= -stepNs) {
      replaceClockLine(clock, { monotonicNs: at, epochNs: wallNs, slewNs: 0n, slewDurationNs: 0n })
      emit('clock:stepped', { stepMs: milliseconds(-error), action: 'adopted' })
      return
    }
    replaceClockLine(clock, slewingLine(at, time, -error))
    if (absolute(deviation) >= stepNs) emit('clock:stepped', { stepMs: milliseconds(-deviation), action: 'slewing' })
  }

  return {
    errorMs() {
      const { at, wallNs } = readBoth(wall, monotonic) ?? readOnce(wall, monotonic)
      return milliseconds(epochNsAt(readClockLine(clock), at) - wallNs)
    },
    check,
    stop,
  }
}

/** From `time` on, `gain` is spread over as long as its rate asks: 500 ppm when it is small, 5 % when it is a step. */
function slewingLine(at: bigint, time: bigint, gain: bigint): ClockLine {
  const nsPerGainedNs = absolute(gain) < stepNs ? 2000n : 20n
  return { monotonicNs: at, epochNs: time, slewNs: gain, slewDurationNs: absolute(gain) * nsPerGainedNs }
}

interface Reading {
  readonly at: bigint
  readonly wallNs: bigint
  readonly tookNs: bigint
}

function readBoth(wall: () => EpochMs, monotonic: MonotonicNs): Reading | undefined {
  for (let attempt = 0; attempt < 5; attempt++) {
    const reading = readOnce(wall, monotonic)
    if (reading.tookNs <= longestReadingNs) return reading
  }
  return undefined
}

function readOnce(wall: () => EpochMs, monotonic: MonotonicNs): Reading {
  const before = monotonic()
  const epochMs = wall()
  const after = monotonic()
  // The wall clock cuts the fraction off: on average half a millisecond.
  return { at: (before + after) / 2n, wallNs: BigInt(Math.floor(epochMs)) * 1_000_000n + 500_000n, tookNs: after - before }
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

function milliseconds(ns: bigint): number {
  return Number(ns) / 1e6
}
