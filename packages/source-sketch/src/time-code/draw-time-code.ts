import { expectNumber } from '@snapmint/core/adapter'
import { expectImage, type PixelImage } from './pixel-image.js'
import { encodeTime, maxTime } from './time-code-bits.js'
import { gridColumns, gridRows, timeCodeArea } from './time-code-layout.js'

/** Brightness of the cells. Not quite black and white: codecs overshoot at the edges. */
export const cellShades = { black: 20, white: 245 } as const

/**
 * Draws a time code into a decoded picture, at the place where {@link readTimeCode} looks for it: burn it into the frames of a test video, and each
 * picture that comes out of a pipeline tells which frame it was.
 *
 * @param image changed in place; at least 160 × 120 pixels.
 * @param time ms since the Unix epoch, rounded to the nearest integer; from 0 to 2⁴⁴ − 1 (the year 2527).
 * @throws RangeError if the picture is too small, the time out of range, or `data` of the wrong length.
 */
export function drawTimeCode(image: PixelImage, time: number): void {
  const channels = expectImage(image)
  expectNumber('time', time, { min: 0, max: maxTime })
  const { data, width } = image
  const area = timeCodeArea(width, image.height)
  const bits = encodeTime(Math.round(time))
  const fill = (column: number, row: number, columns: number, rows: number, shade: number): void => {
    const left = area.left + column * area.cell
    const top = area.top + row * area.cell
    for (let y = top; y < top + rows * area.cell; y++) {
      const from = (y * width + left) * channels
      data.fill(shade, from, from + columns * area.cell * channels)
    }
  }
  fill(0, 0, gridColumns + 2, gridRows + 2, cellShades.white)
  bits.forEach((bit, index) => {
    if (bit === 1) fill(1 + (index % gridColumns), 1 + Math.floor(index / gridColumns), 1, 1, cellShades.black)
  })
  if (channels === 4) setOpaque(data, width, area)
}

function setOpaque(data: Uint8Array | Uint8ClampedArray, width: number, area: ReturnType<typeof timeCodeArea>): void {
  for (let y = area.top; y < area.top + area.height; y++) {
    for (let x = area.left; x < area.left + area.width; x++) data[(y * width + x) * 4 + 3] = 255
  }
}
