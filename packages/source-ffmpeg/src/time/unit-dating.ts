import type { EpochMs } from '@snapmint/core/adapter'
import { createMediaClock } from './media-clock.js'
import { type ClockChoice, createSenderClock } from './sender-clock.js'

/** Least step between two captureTimes, in ms: a hundredth is well above what a double resolves at today's date. */
const leastStepMs = 0.01
/** The start of a stream is held back for at most so long, in ms, and so many bytes. */
const maxHoldMs = 1000
const maxHoldBytes = 32 * 2 ** 20
/** What a server had in its memory has come when nothing comes for so long, in ms … */
const quietMs = 250
/** … or when so many units in a row came at their own pace: not faster than twice. */
const paceUnits = 3
const paceRatio = 0.5
/** From arrival to sender's time, or back, the mapping glides by so many ms per ms. */
const glide = 0.05
/** The operator is told of a clock that jumps at most so often, in ms. */
const noticeEveryMs = 10_000

/** What is known about the time of one unit (a picture, an access unit) of a live input. */
export interface UnitTimes {
  /** When its last byte reached this process, on the pipeline's clock. */
  readonly arrival: EpochMs
  /** Its time on a clock of the input's own, in ms from any origin, unwrapped: an RTP timestamp, a pts. Left out where there is none. */
  readonly mediaMs?: number | undefined
  /** Its time by the sender's wall clock, in ms since the Unix epoch: from an RTCP sender report, or a header. Left out where there is none. */
  readonly senderTime?: EpochMs | undefined
}

export interface UnitDatingOptions<Unit> {
  /** Called with each unit in the order of `push`, captureTime strictly increasing. */
  readonly deliver: (unit: Unit, captureTime: EpochMs) => void
  /** The pipeline's clock. */
  readonly now: () => EpochMs
  /** The system's wall clock, which the sender's is compared with. Default `Date.now`. */
  readonly wallNow?: () => EpochMs
  /** Told of what the operator should know: whose clock is used, a clock that jumped. */
  readonly notice?: ((message: string, details: Readonly<Record<string, unknown>>) => void) | undefined
  /** Whose clock dates the units. Default `auto`. */
  readonly clock?: ClockChoice | undefined
  /** The input as messages show it. */
  readonly label: string
  /** Calls back after so many ms, unless cancelled. Default `setTimeout`. */
  readonly after?: (delayMs: number, callback: () => void) => () => void
}

/** Dates the units of a live input. */
export interface UnitDating<Unit> {
  push(unit: Unit, times: UnitTimes): void
  /** Delivers what is still held back. */
  end(): void
}

interface Held<Unit> {
  readonly unit: Unit
  readonly times: UnitTimes
}

/**
 * Gives each unit its captureTime: the sender's own time where that can be believed, else its time on the input's clock as mapped by the least delayed unit, else its
 * arrival. Never later than the arrival.
 *
 * Servers send what they have in memory when somebody connects, often seconds of it, at once. So the first units are held back until they come at their own pace; then
 * all of them are dated by their own times, and the least delayed one tells what those mean.
 */
export function createUnitDating<Unit extends { readonly data: Uint8Array }>(options: UnitDatingOptions<Unit>): UnitDating<Unit> {
  const { deliver, after = afterTimeout } = options
  const dateUnit = createMapping(options)
  let held: Held<Unit>[] | undefined = []
  let heldBytes = 0
  let atPace = 0
  let cancelQuiet = () => {}

  function hold(pending: Held<Unit>[], next: Held<Unit>): void {
    const last = pending.at(-1)
    pending.push(next)
    heldBytes += next.unit.data.byteLength
    atPace = last !== undefined && keepsPace(last.times, next.times) ? atPace + 1 : 0
    const first = pending[0] as Held<Unit>
    const enough = atPace >= paceUnits || next.times.arrival - first.times.arrival >= maxHoldMs || heldBytes > maxHoldBytes
    cancelQuiet()
    if (enough || ownTime(next.times) === undefined) release()
    else cancelQuiet = after(quietMs, release)
  }

  function release(): void {
    cancelQuiet()
    const pending = held ?? []
    held = undefined
    dateUnit.anchor(pending.map(({ times }) => times))
    for (const { unit, times } of pending) deliver(unit, dateUnit(times))
  }

  return {
    push(unit, times) {
      if (held === undefined) deliver(unit, dateUnit(times))
      else hold(held, { unit, times })
    },
    end() {
      if (held !== undefined) release()
    },
  }
}

const ownTime = ({ mediaMs, senderTime }: UnitTimes) => mediaMs ?? senderTime

function keepsPace(last: UnitTimes, next: UnitTimes): boolean {
  const mediaMs = (ownTime(next) ?? 0) - (ownTime(last) ?? 0)
  return mediaMs > 0 && next.arrival - last.arrival >= mediaMs * paceRatio
}

/** Chooses between the three times of a unit, and keeps what comes out rising. */
function createMapping<Unit>(options: UnitDatingOptions<Unit>) {
  const { now, wallNow = Date.now, clock = 'auto' } = options
  const tell = createClockNotices(options)
  const mediaClock = createMediaClock(tell.step, tell.pace)
  const senderClock = createSenderClock(clock, tell.sender)
  let last = Number.NEGATIVE_INFINITY
  let lastArrival = Number.NaN
  let bySender: boolean | undefined
  let lead = 0

  function dateOnce(times: UnitTimes): EpochMs {
    const { arrival, mediaMs, senderTime } = times
    const senderMs = senderTime === undefined ? undefined : senderTime + (now() - wallNow())
    const own = mediaMs ?? senderMs
    const mapped = own === undefined ? arrival : mediaClock.date(own, arrival)
    const usesSender = senderMs !== undefined && senderClock.trusts(arrival - senderMs, arrival)
    const time = usesSender ? senderMs : mapped
    // The other mapping may be hundreds of ms away: glide there, so that intervals stay nearly true.
    if (bySender !== undefined && bySender !== usesSender) lead += (usesSender ? mapped : (senderMs ?? mapped)) - time
    bySender = usesSender
    const most = Number.isNaN(lastArrival) ? 0 : Math.max(0, arrival - lastArrival) * glide
    lead -= Math.max(-most, Math.min(most, lead))
    lastArrival = arrival
    return time + lead
  }

  function date(times: UnitTimes): EpochMs {
    last = Math.max(Math.min(dateOnce(times), times.arrival), last + leastStepMs)
    return last
  }

  /** Makes the mapping from units that are known together. */
  date.anchor = (units: readonly UnitTimes[]): void => {
    const shift = now() - wallNow()
    const known = units.flatMap(({ arrival, mediaMs, senderTime }) => {
      const own = mediaMs ?? (senderTime === undefined ? undefined : senderTime + shift)
      return own === undefined ? [] : [{ mediaMs: own, arrival }]
    })
    mediaClock.anchor(known)
    const delays = units.flatMap(({ arrival, senderTime }) => (senderTime === undefined ? [] : [arrival - senderTime - shift]))
    const last = units.at(-1)
    if (last !== undefined && delays.length > 0) senderClock.trusts(Math.min(...delays), last.arrival)
  }
  return date
}

function createClockNotices<Unit>({ notice, label, now }: UnitDatingOptions<Unit>) {
  let lastTime = Number.NEGATIVE_INFINITY
  return {
    step(stepMs: number): void {
      if (now() - lastTime < noticeEveryMs) return
      lastTime = now()
      notice?.(`The clock of "${label}" jumped: its pictures are dated anew, ${describe(stepMs)} than before`, { stepMs })
    },
    pace(): void {
      const message = `The clock of "${label}" does not keep the pace of time: its pictures are dated by their arrival for a while`
      notice?.(message, { clock: 'arrival' })
    },
    sender(used: boolean, delayMs: number): void {
      const seen = `by it, pictures come in ${Math.abs(Math.round(delayMs))} ms ${delayMs < 0 ? 'before' : 'after'} they were taken`
      const message = used
        ? `The clock of "${label}" dates its pictures: it can be believed (${seen})`
        : `The clock of "${label}" is off (${seen}): the pictures are dated by their arrival. Set the camera's clock by NTP`
      notice?.(message, { clock: used ? 'sender' : 'arrival', delayMs })
    },
  }
}

const describe = (stepMs: number) => `${Math.abs(Math.round(stepMs))} ms ${stepMs > 0 ? 'later' : 'earlier'}`

function afterTimeout(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}
