import type { EpochMs } from '@snapmint/core/adapter'
import type { UnitTimes } from '../time/unit-dating.js'

/** From 2001 to 2286, a number is told for seconds, ms, µs or ns since the Unix epoch by its size. */
const leastEpochMs = 1e12
const mostEpochMs = 1e13
const epochScales = [1e-3, 1, 1e3, 1e6]
/** A clock of the camera's own is believed when it kept pace with ours for so long, in ms, and over so many parts … */
const proofMs = 1000
const proofParts = 5
/** … within this ratio. The network delays single parts. */
const maxPaceError = 0.25

export type HeaderTime = { readonly epochMs: EpochMs } | { readonly mediaMs: number }

/**
 * Reads when a camera took a picture from the head of its part: `X-Timestamp` (seconds with a fraction: mjpg-streamer, uStreamer, ROS, ESP32; or ms, µs, ns), `X-Time` (ISO
 * 8601) or `Date` (RFC 1123). What is given in whole seconds, or without its time zone, is of no use.
 * @returns `epochMs`, or `mediaMs` where the camera counts from another moment, such as its own start.
 */
export function readHeaderTime(head: ReadonlyMap<string, string>): HeaderTime | undefined {
  const stamp = head.get('x-timestamp')
  const time = stamp === undefined ? undefined : readStamp(stamp)
  if (time !== undefined && 'epochMs' in time) return time
  for (const name of ['x-time', 'date']) {
    const text = head.get(name)
    const epochMs = text === undefined ? undefined : readDate(text)
    if (epochMs !== undefined) return { epochMs }
  }
  return time
}

function readStamp(text: string): HeaderTime | undefined {
  if (!/^\d{1,20}(\.\d{1,12})?$/.test(text)) return undefined
  const value = Number(text)
  const isWhole = !text.includes('.')
  for (const scale of epochScales) {
    const epochMs = value / scale
    if (epochMs < leastEpochMs || epochMs >= mostEpochMs) continue
    return isWhole && scale < 1 ? undefined : { epochMs }
  }
  // Seconds since a start, by custom; of whole numbers nobody knows the unit.
  return isWhole ? undefined : { mediaMs: value * 1000 }
}

/** Only with a fraction of a second and a zone. */
function readDate(text: string): EpochMs | undefined {
  const [, fraction] = /:\d\d[.,](\d{1,9})\s?(?:GMT|UTC|Z|[+-]\d\d:?\d\d)$/i.exec(text) ?? []
  if (fraction === undefined) return undefined
  const whole = Date.parse(text.replace(/[.,]\d{1,9}/, ''))
  const epochMs = whole + Number(`0.${fraction}`) * 1000
  return epochMs >= leastEpochMs && epochMs < mostEpochMs ? epochMs : undefined
}

interface Mark {
  readonly own: number
  readonly arrival: EpochMs
}

/**
 * Believes a camera's stamps as long as they make sense: some send zero, the time since the last picture, or the time of a clock that stands still. Epoch times are believed
 * until they fail to rise; others, and those that failed once, when they have kept pace with our clock.
 */
export function createHeaderClock(): (head: ReadonlyMap<string, string>, arrival: EpochMs) => UnitTimes {
  let last: Mark | undefined
  let proof: { readonly since: Mark; readonly parts: number } | undefined
  let isEpoch = false
  let believed = false

  function weigh(own: number, arrival: EpochMs): void {
    const mark = { own, arrival }
    const rises = last === undefined || own > last.own
    last = mark
    if (!rises) {
      believed = false
      proof = undefined
    }
    proof = { since: proof?.since ?? mark, parts: (proof?.parts ?? 0) + 1 }
    const elapsed = arrival - proof.since.arrival
    if (believed || elapsed < proofMs || proof.parts < proofParts) return
    believed = Math.abs((own - proof.since.own) / elapsed - 1) <= maxPaceError
    if (!believed) proof = undefined
  }

  return (head, arrival) => {
    const time = readHeaderTime(head)
    if (time === undefined) return { arrival }
    const epoch = 'epochMs' in time
    const own = epoch ? time.epochMs : time.mediaMs
    if (last === undefined || epoch !== isEpoch) {
      last = undefined
      proof = undefined
      isEpoch = epoch
      believed = epoch
    }
    weigh(own, arrival)
    if (!believed) return { arrival }
    return epoch ? { arrival, senderTime: own } : { arrival, mediaMs: own }
  }
}
