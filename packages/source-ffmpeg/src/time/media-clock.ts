import type { EpochMs } from '@snapmint/core/adapter'
import { createLeastOfWindow } from './least-of-window.js'

/** Drift is corrected by at most so many ms per ms (500 ppm): cheap crystals are within 100 ppm. */
const maxSlew = 500e-6
/** For so long after an anchor, in ms, an earlier packet moves it at once: the least delay is not known yet. */
const learningMs = 2000
/** A packet that comes so much before its time, in ms, says that the clock has jumped ahead. */
const earlyStepMs = 100
/** Every packet of `lateForMs` being later than this, in ms, says that the clock has stood still or jumped back. */
const lateStepMs = 1000
const lateForMs = 3000
/** Longer silences are no evidence of lateness, unless packets are as rare by their own times: then so many times what lies between those. */
const maxGapMs = 500
const maxGapRatio = 3
/** Every packet of the recent past (ten seconds at least) being later than this, in ms, says the same of a smaller jump: drift is slower. */
const lateWindowMs = 100
/** A delay that goes on growing by more than this, in ms per ms, is a clock at a pace of its own: a camera that counts the frames it should have sent. */
const maxPace = 0.05
/** A clock that ran ahead or at a pace of its own is left aside for so long, in ms, and for twice as long each further time. */
const asideMs = 60_000
/** So many jumps ahead within `asideMs` are a pace, too. */
const maxEarlySteps = 5

const onTime = { since: Number.NaN, early: Number.NaN, least: Number.NaN }

export interface MediaClock {
  /** Starts the mapping anew from units that are known together: the least delayed one fixes it. They are then dated like all others. */
  anchor(units: readonly { readonly mediaMs: number; readonly arrival: EpochMs }[]): void
  /** The time of a unit on the pipeline's clock. Call in order of arrival. Not yet monotone: a correction may move it back. */
  date(mediaMs: number, arrival: EpochMs): EpochMs
}

/**
 * Maps the clock of an input (RTP timestamps, pts) onto the pipeline's. Each packet's delay, arrival − mediaMs, is a constant plus what the network added, so the
 * least delay of the recent past is the truest; the mapping follows it slowly, which takes up the drift between the two clocks and none of the jitter.
 *
 * A clock that does not keep the pace of time is left aside: then the arrival dates the units.
 *
 * @param onStep told when the input's clock jumped, with the ms by which the mapping was moved.
 * @param onPace told when the clock is left aside.
 */
export function createMediaClock(onStep: (stepMs: number) => void, onPace: () => void): MediaClock {
  let offset = Number.NaN
  let anchoredAt = 0
  let lastMedia = 0
  let lastArrival = 0
  let least = createLeastOfWindow(0)
  let late = onTime
  let asideUntil = Number.NEGATIVE_INFINITY
  let nextAsideMs = asideMs
  let earlySteps: EpochMs[] = []

  function start(delay: number, arrival: EpochMs): void {
    offset = delay
    anchoredAt = arrival
    least = createLeastOfWindow(arrival)
    late = onTime
  }

  function step(delay: number, arrival: EpochMs): void {
    const stepMs = delay - offset
    start(delay, arrival)
    onStep(stepMs)
  }

  function putAside(arrival: EpochMs): void {
    asideUntil = arrival + nextAsideMs
    nextAsideMs *= 2
    earlySteps = []
    onPace()
  }

  function stepAhead(delay: number, arrival: EpochMs): void {
    earlySteps = [...earlySteps.filter((time) => arrival - time < asideMs), arrival]
    if (earlySteps.length >= maxEarlySteps) putAside(arrival)
    else step(delay, arrival)
  }

  /** How much every packet of the last `lateForMs` was later than the mapping says; undefined while one of them was not, or too few have come. */
  function lateness(delay: number, arrival: EpochMs, sinceLastMs: number): number | undefined {
    if (!(delay >= offset + lateStepMs)) {
      late = onTime
      return undefined
    }
    const maxGap = Math.max(maxGapMs, sinceLastMs * maxGapRatio)
    if (late === onTime || arrival - lastArrival > maxGap)
      late = { since: arrival, early: Number.POSITIVE_INFINITY, least: Number.POSITIVE_INFINITY }
    const lateMs = arrival - late.since
    // The clock may have stood still until a moment ago: what counts is the later half.
    if (lateMs >= lateForMs * 0.75) late.least = Math.min(late.least, delay)
    else if (lateMs >= lateForMs / 2) late.early = Math.min(late.early, delay)
    return lateMs >= lateForMs ? late.least : undefined
  }

  /** The least delays of the third and the last quarter of the lateness. */
  const keepsGrowing = () => late.least - late.early > (maxPace * lateForMs) / 4

  function follow(delay: number, arrival: EpochMs): void {
    const target = least.add(delay, arrival)
    if (target - offset > lateWindowMs && least.isFull()) {
      step(target, arrival)
      return
    }
    if (arrival - anchoredAt < learningMs && target < offset) offset = target
    const most = Math.max(0, arrival - lastArrival) * maxSlew
    offset += Math.max(-most, Math.min(most, target - offset))
  }

  return {
    anchor(units) {
      const delays = units.map(({ mediaMs, arrival }) => arrival - mediaMs)
      const [first] = units
      if (first === undefined) return
      start(Math.min(...delays), first.arrival)
      lastMedia = Number.NEGATIVE_INFINITY
      lastArrival = first.arrival
    },
    date(mediaMs, arrival) {
      const delay = arrival - mediaMs
      if (arrival < asideUntil) return arrival
      if (asideUntil !== Number.NEGATIVE_INFINITY) {
        asideUntil = Number.NEGATIVE_INFINITY
        offset = Number.NaN
      }
      const persistent = lateness(delay, arrival, mediaMs - lastMedia)
      if (Number.isNaN(offset)) start(delay, arrival)
      else if (mediaMs < lastMedia) step(delay, arrival)
      else if (delay < offset - earlyStepMs) stepAhead(delay, arrival)
      else if (persistent === undefined) follow(delay, arrival)
      else if (keepsGrowing()) putAside(arrival)
      else step(persistent, arrival)
      lastMedia = mediaMs
      lastArrival = arrival
      return arrival < asideUntil ? arrival : mediaMs + offset
    },
  }
}
