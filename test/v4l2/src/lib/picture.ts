import assert from 'node:assert/strict'
import jpeg from '@julusian/jpeg-turbo'

type Colour = readonly [red: number, green: number, blue: number]

interface Picture {
  readonly width: number
  readonly height: number
  /** Mean colour around a place; `x` and `y` from 0 to 1. */
  at(x: number, y: number): Colour
}

/** What decoding, chroma subsampling and a camera's colour space may add to a channel. */
const tolerance = 40

/** Half the side of the square whose mean is a colour, in px. */
const reach = 3

/** Test pictures of the driver: bars of three quarters of full brightness, from left to right. */
const bright = 191
const bars: readonly Colour[] = [
  [bright, bright, bright],
  [bright, bright, 0],
  [0, bright, bright],
  [0, bright, 0],
  [bright, 0, bright],
  [bright, 0, 0],
  [0, 0, bright],
  [0, 0, 0],
]
const red: Colour = [255, 0, 0]

export function decode(data: Uint8Array): Picture {
  const { data: pixels, width, height } = jpeg.decompressSync(Buffer.from(data), { format: jpeg.FORMAT_RGB })
  return {
    width,
    height,
    at(x, y) {
      const [column, row] = [Math.round(x * width), Math.round(y * height)]
      const sum = [0, 0, 0]
      for (let down = row - reach; down <= row + reach; down++)
        for (let right = column - reach; right <= column + reach; right++)
          for (const channel of [0, 1, 2]) sum[channel]! += pixels[(down * width + right) * 3 + channel]!
      const [r, g, b] = sum.map((value) => value / (2 * reach + 1) ** 2)
      return [r!, g!, b!]
    },
  }
}

const isNear = (one: Colour, other: Colour) => one.every((value, channel) => Math.abs(value - other[channel]!) <= tolerance)

/** Below the driver's text, above any banner. */
const rows = [0.6, 0.8]

/** Does it show the eight bars, each where it belongs? */
const isBars = (picture: Picture) =>
  rows.every((y) => bars.every((bar, index) => isNear(picture.at((index + 0.5) / bars.length, y), bar)))

const isRed = (picture: Picture) => rows.every((y) => [0.1, 0.5, 0.9].every((x) => isNear(picture.at(x, y), red)))

const shown = (picture: Picture) =>
  bars.map((_, index) => `(${picture.at((index + 0.5) / bars.length, 0.7).map(Math.round)})`).join(' ')

/** @param pattern what the camera was told to show */
export function assertShows(pattern: 'bars' | 'red', data: Uint8Array, what: string): void {
  const picture = decode(data)
  const right = pattern === 'bars' ? isBars(picture) : isRed(picture)
  assert.ok(right, `${what} shows ${pattern}; its colours from left to right are ${shown(picture)}`)
}
