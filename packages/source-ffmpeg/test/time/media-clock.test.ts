import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMediaClock } from '../../src/time/media-clock.js'

const epoch = 1_795_000_000_000

/** A camera at 30 fps whose clock runs at `rate`; `delay` is what the network adds to each picture. */
function play({
  frames,
  delay,
  rate = 1,
  mediaOf = (_index, truth) => truth * rate,
}: {
  frames: number
  delay: (index: number) => number
  rate?: number
  mediaOf?: (index: number, truthMs: number) => number
}) {
  const steps: number[] = []
  const paces: number[] = []
  const clock = createMediaClock(
    (stepMs) => steps.push(stepMs),
    () => paces.push(paces.length),
  )
  let lastArrival = 0
  const errors = Array.from({ length: frames }, (_, index) => {
    const truth = (index * 1000) / 30
    // TCP keeps the order.
    const arrival = Math.max(epoch + truth + delay(index), lastArrival)
    lastArrival = arrival
    return clock.date(mediaOf(index, truth), arrival) - (epoch + truth)
  })
  return { errors, steps, paces }
}

const jitter = (index: number) => 40 + ((index * 7919) % 50)

describe('createMediaClock', () => {
  it('dates by the least delayed packet, whatever the jitter of the others', () => {
    const { errors, steps } = play({ frames: 600, delay: jitter })
    for (const error of errors.slice(60)) expect(error).toBeCloseTo(40, 6)
    expect(steps).toEqual([])
  })

  it.each([
    ['fast', 1.0002],
    ['slow', 0.9998],
  ])('follows a clock that is 200 ppm %s for an hour, within 10 ms and without a step', (_name, rate) => {
    const { errors, steps } = play({ frames: 108_000, delay: jitter, rate })
    for (const error of errors.slice(600)) expect(Math.abs(error - 40)).toBeLessThan(10)
    expect(steps).toEqual([])
  })

  it('moves by at most 500 ppm once it has learnt the delay', () => {
    // The network becomes 30 ms quicker after 10 s.
    const { errors } = play({ frames: 900, delay: (index) => (index < 300 ? 70 : 40) })
    for (let index = 301; index < 900; index++) {
      const moved = (errors[index] as number) - (errors[index - 1] as number)
      expect(Math.abs(moved)).toBeLessThanOrEqual(((1000 / 30) * 500) / 1e6 + 1e-3)
    }
    expect(errors.at(-1)).toBeLessThan(65)
  })

  it('is not misled by a stall of five seconds whose backlog comes in at once', () => {
    const stalled = (index: number) => (index >= 300 && index < 450 ? 5040 - ((index - 300) * 1000) / 30 : 40)
    const { errors, steps } = play({ frames: 1200, delay: stalled })
    for (const error of errors) expect(Math.abs(error - 40)).toBeLessThan(5)
    expect(steps).toEqual([])
  })

  it('re-anchors, with one step, on a clock that jumps back, ahead, or stands still for a while', () => {
    for (const jumpMs of [-20_000, 20_000, -2000]) {
      const { errors, steps } = play({
        frames: 900,
        delay: () => 40,
        mediaOf: (index, truth) => (index < 300 ? truth : truth + jumpMs),
      })
      expect(steps).toHaveLength(1)
      expect(steps[0]).toBeCloseTo(-jumpMs, 3)
      expect(errors.at(-1)).toBeCloseTo(40, 6)
    }
    const paused = play({ frames: 900, delay: () => 40, mediaOf: pausedFor(2000) })
    expect(paused.steps).toHaveLength(1)
    expect(paused.errors.at(-1)).toBeCloseTo(40, 3)
  })

  it.each([1, 1.5, 25])(
    'is never seconds wrong for long at %d fps: neither after the clock stood still, nor where it runs at half speed',
    (fps) => {
      const intervalMs = 1000 / fps
      const errorsOf = (mediaOf: (index: number) => number, truthOf: (index: number) => number) => {
        const clock = createMediaClock(
          () => {},
          () => {},
        )
        return Array.from({ length: 60 * fps }, (_, index) => {
          const truth = epoch + truthOf(index)
          return clock.date(mediaOf(index), truth + 40) - truth
        })
      }
      const even = (index: number) => index * intervalMs
      const stoodStill = errorsOf(even, (index) => even(index) + (index < 10 * fps ? 0 : 5000))
      for (const error of stoodStill.slice(16 * fps)) expect(Math.abs(error)).toBeLessThan(100)
      // A camera that counts pictures at their nominal rate and takes half as many in the dark.
      const halfSpeed = errorsOf(even, (index) => even(index) * 2)
      for (const error of halfSpeed) expect(Math.abs(error)).toBeLessThan(6000)
      for (const error of halfSpeed.slice(12 * fps, 30 * fps)) expect(error).toBeGreaterThan(fps < 2 ? -6000 : -1)
    },
  )

  it('mends a jump too small to be seen at once when the recent past has shown nothing else', () => {
    const { errors, steps, paces } = play({
      frames: 1200,
      delay: jitter,
      mediaOf: (index, truth) => truth - (index < 300 ? 0 : 900),
    })
    expect(steps).toHaveLength(1)
    for (const error of errors.slice(300 + 25 * 30)) expect(error).toBeCloseTo(40, 0)
    expect(paces).toEqual([])
  })

  it.each([
    ['half', 0.5],
    ['twice', 2],
  ])('leaves a clock at %s the pace aside, and dates by arrival', (_name, rate) => {
    const { errors, paces } = play({ frames: 1800, delay: () => 40, rate })
    expect(paces).toHaveLength(1)
    for (const error of errors.slice(15 * 30)) expect(error).toBeCloseTo(40, 6)
  })

  it('tries a clock again after a while', () => {
    const fair = (index: number, truth: number) => (index < 600 ? truth / 2 : truth)
    const { errors, paces } = play({ frames: 4500, delay: jitter, mediaOf: fair })
    expect(paces).toHaveLength(1)
    expect(new Set(errors.slice(600, 900).map(Math.round)).size).toBeGreaterThan(1)
    for (const error of errors.slice(-900)) expect(error).toBeCloseTo(40, 6)
  })

  it('never dates a packet more than a step early or late, whatever the network does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 50, maxLength: 400 }), (delays) => {
        const least = Math.min(...delays)
        const { errors } = play({ frames: delays.length, delay: (index) => delays[index] as number })
        for (const error of errors) {
          expect(error).toBeGreaterThan(least - 1)
          expect(error).toBeLessThanOrEqual(900 + 1)
        }
      }),
    )
  })
})

/** The sender's clock stands still for so long after ten seconds, and goes on where it stood. */
const pausedFor = (pauseMs: number) => (index: number, truth: number) =>
  index < 300 ? truth : Math.max(10_000 - 1000 / 30, truth - pauseMs) + (index - 300) * 1e-6
