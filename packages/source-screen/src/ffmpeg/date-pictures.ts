import type { EpochMs } from '@snapmint/core/adapter'

/** Least step between two captureTimes, in ms: well above what a double resolves at today's date. */
const leastStepMs = 0.01
/** A stamp that is older than this was made before the wall clock was set, or before the machine slept. */
const maxAgeMs = 60_000
/** The wall clock is cut to whole ms; beyond this it was set, or the pipeline's clock follows it. */
const clockNoiseMs = 1.5

/** Readings of the wall clock until it has to have ticked: some milliseconds. */
const mostTries = 200_000

export interface Clocks {
  /** The pipeline's clock. */
  readonly now: () => EpochMs
  /** The system's wall clock in whole ms, the one that FFmpeg reads. */
  readonly wallNow: () => number
}

/**
 * Moves stamps of the system's wall clock onto the pipeline's clock. A stamp says when the grabber began to read the screen: what the picture shows is as old as that or
 * newer, by the milliseconds that reading takes. Strictly increasing, never in the future. Undefined where a stamp cannot be believed, because the clock was set or the
 * machine slept between it and its arrival: how old the picture is nobody knows then.
 */
export function createDating({ now, wallNow }: Clocks): (wallTime: number) => EpochMs | undefined {
  let offset: number | undefined
  let last = Number.NEGATIVE_INFINITY

  /** The clocks' difference. The wall clock is read when it ticks, for between two ticks it is up to 1 ms behind itself. */
  function measure(): number {
    const before = wallNow()
    for (let tries = 0; tries < mostTries && wallNow() === before; tries += 1);
    return now() - wallNow()
  }

  return (wallTime) => {
    const arrival = now()
    const seen = arrival - wallNow()
    if (offset === undefined || seen < offset - clockNoiseMs || seen > offset + clockNoiseMs) offset = measure()
    const mapped = wallTime + offset
    if (mapped > arrival + clockNoiseMs || mapped <= arrival - maxAgeMs) return undefined
    last = Math.max(Math.min(mapped, arrival), last + leastStepMs)
    return last
  }
}
