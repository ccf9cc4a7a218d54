import { isPosition } from './date-frames.js'

/** What reading one picture took. */
export interface ReadCost {
  /** From the call to the picture. */
  readonly wallMs: number
  /** Processor time of the whole process meanwhile. */
  readonly cpuMs: number
  /** The picture's place on the stream's time line, where it has one. */
  readonly positionMs: number
}

/** So many pictures in a row have to have been waited for: a busy machine makes single ones slow. */
const wantedWaits = 6
/** A wait as long as this counts for three. */
const longWaitMs = 100
const leastWaitMs = 3
/** So many spacings are compared, and this part of them has to have passed. */
const window = 4
const leastPace = 0.8

/**
 * Tells when the pictures that a server sent from its memory at the connect have been read. Nothing says that they are old. Where the stream has a time line, they come faster than it runs; where
 * it has none, they cost only their decoding, while one has to wait for a new one. A device that is read as fast as it can be for `patienceMs` is taken as it is.
 * @returns whether the picture that cost so much to read is a new one; once true, always true.
 */
export function createBacklog(patienceMs: number): (cost: ReadCost) => boolean {
  let passedMs = 0
  let waits = 0
  let settled = false
  const steps: { wallMs: number; stepMs: number }[] = []
  let lastPositionMs = Number.NaN

  /** Whether the stream's time line has run no faster than the clock; undefined when that cannot be told. */
  function runsInTime({ wallMs, positionMs }: ReadCost): boolean | undefined {
    const stepMs = positionMs - lastPositionMs
    lastPositionMs = isPosition(positionMs) ? positionMs : Number.NaN
    if (!(stepMs > 0)) {
      steps.length = 0
      return Number.isNaN(lastPositionMs) ? undefined : false
    }
    steps.push({ wallMs, stepMs })
    if (steps.length > window) steps.shift()
    const sum = (name: 'wallMs' | 'stepMs') => steps.reduce((total, step) => total + step[name], 0)
    return steps.length === window && sum('wallMs') >= leastPace * sum('stepMs')
  }

  function wasAwaited({ wallMs, cpuMs }: ReadCost): boolean {
    const idle = wallMs > leastWaitMs && cpuMs < wallMs / 3
    waits = idle ? waits + (wallMs > longWaitMs ? 3 : 1) : 0
    return waits >= wantedWaits
  }

  return (cost) => {
    passedMs += cost.wallMs
    settled ||= passedMs > patienceMs || (runsInTime(cost) ?? wasAwaited(cost))
    return settled
  }
}
