import { describe, expect, it } from 'vitest'
import { createCameraDater, createStreamDater } from '../../src/time/date-frames.js'
import { decoderDelay } from '../../src/time/decoder-delay.js'
import { createRisingTimes } from '../../src/time/rising-times.js'

const EPOCH = 1_763_690_400_000

function clocks() {
  const state = { ms: 0 }
  return { state, now: () => EPOCH + state.ms, monotonicMs: () => 50_000 + state.ms }
}

describe('createCameraDater', () => {
  it('takes the stamp of the driver, however late the picture is read', () => {
    const { state, ...rest } = clocks()
    const date = createCameraDater(rest)
    state.ms = 100
    expect(date(50_060)).toBe(EPOCH + 60)
    state.ms = 400
    expect(date(50_093)).toBe(EPOCH + 93)
  })

  it('dates no picture in the future, whatever the driver says', () => {
    const { state, ...rest } = clocks()
    const date = createCameraDater(rest)
    state.ms = 100
    expect(date(50_140)).toBe(EPOCH + 100)
  })

  it('takes the stamps of pictures that waited in the driver while the process was held up for long', () => {
    const { state, ...rest } = clocks()
    const date = createCameraDater(rest)
    state.ms = 100
    date(50_090)
    state.ms = 60_000
    expect([50_123, 50_156].map(date)).toEqual([EPOCH + 123, EPOCH + 156])
  })

  it.each([
    ['none', 0],
    ['one of another clock', EPOCH],
    ['nonsense', -3.7e20],
    ['no number', Number.NaN],
  ])('takes the moment of the reading when the stamp is %s', (_what, position) => {
    const { state, ...rest } = clocks()
    const date = createCameraDater(rest)
    state.ms = 100
    expect(date(position)).toBe(EPOCH + 100)
  })
})

describe('createRisingTimes', () => {
  it('lets times rise by at least a microsecond when a device repeats one or goes back', () => {
    const rise = createRisingTimes()
    const times = [100, 100, 90, 101].map((ms) => rise(EPOCH + ms))
    for (const [index, time] of times.entries()) if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(0.001)
    expect(times.at(-1)).toBe(EPOCH + 101)
  })
})

describe('createStreamDater', () => {
  /** Arrival and position of each picture, to the time that it is given, both in ms from the start. */
  function datesOf(pictures: readonly (readonly [arrivalMs: number, positionMs: number])[], delayFrames = 0): number[] {
    const { state, now } = clocks()
    const date = createStreamDater({ now }, delayFrames)
    return pictures.map(([arrivalMs, positionMs]) => {
      state.ms = arrivalMs
      return Math.round(date(positionMs) - EPOCH)
    })
  }

  it('takes the spacing from the stream, and its place on the clock from the least delayed picture', () => {
    expect(
      datesOf([
        [130, 0],
        [150, 40],
        [220, 80],
        [221, 120],
      ]),
    ).toEqual([130, 150, 190, 221])
  })

  it('takes the moment of the reading where the stream has no time line', () => {
    expect(
      datesOf([
        [100, -3.7e20],
        [141, -3.7e20],
        [180, Number.NaN],
      ]),
    ).toEqual([100, 141, 180])
  })

  it('begins anew when the time line jumps', () => {
    expect(
      datesOf([
        [100, 5000],
        [140, 5040],
        [180, 0],
        [220, 40],
        [260, 900_000],
      ]),
    ).toEqual([100, 140, 180, 220, 260])
  })

  it('dates pictures that were held up and come all at once by when they were taken', () => {
    const held = Array.from({ length: 100 }, (_, index) => [5000 + index * 5, 40 + index * 40] as const)
    const errors = datesOf([[100, 0], ...held]).map((date, index) => date - 100 - index * 40)
    // What a slow clock of the camera is allowed for: 500 ppm of five seconds.
    for (const error of errors) expect(Math.abs(error)).toBeLessThanOrEqual(3)
  })

  it('begins anew when the pictures stay late: the camera itself had paused', () => {
    const paused = Array.from({ length: 100 }, (_, index) => [5000 + index * 40, 40 + index * 40] as const)
    const dates = datesOf([[100, 0], ...paused])
    expect(dates.at(-1)).toBe(paused.at(-1)![0])
  })

  it('follows a camera whose clock runs slow', () => {
    const pictures = Array.from({ length: 3000 }, (_, index) => [100 + index * 40.01, index * 40] as const)
    // 250 ppm: 30 ms in two minutes.
    expect(datesOf(pictures).at(-1)).toBe(Math.round(100 + 2999 * 40.01))
  })

  it('takes off what the decoder holds a picture back', () => {
    const pictures = Array.from({ length: 6 }, (_, index) => [400 + index * 40, index * 40] as const)
    // The spacing is known from the second picture on.
    expect(datesOf(pictures, 8).slice(1)).toEqual([120, 160, 200, 240, 280])
  })
})

describe('decoderDelay', () => {
  it('is a picture for each processor with codecs that are decoded in threads, and none otherwise', () => {
    expect(decoderDelay('h264', 8)).toBe(8)
    expect(decoderDelay('hevc', 2)).toBe(2)
    expect(decoderDelay('MJPG', 8)).toBe(0)
    expect(decoderDelay('', 8)).toBe(0)
  })
})
