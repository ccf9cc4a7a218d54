import { expectImage, type PixelImage } from './pixel-image.js'
import { decodeTime, finderBits } from './time-code-bits.js'
import { gridColumns, gridRows, minTimeCodeSize, timeCodeArea } from './time-code-layout.js'

/** How much smaller the picture may have become since the code was drawn; tried in this order. */
const scales = [1, 2, 1.5, 4 / 3, 3, 4, 0.5]

/** Least difference between black and white. */
const minContrast = 48

/** Shades this share of the contrast away from black or white are neither. */
const clearShare = 0.35

/**
 * Reads the time code that a picture carries: the captureTime of a sketch frame, rounded to the millisecond, or what {@link drawTimeCode} drew.
 * It survives JPEG, H.264 and scaling of the whole picture (to 1/2, 2/3, 3/4, 1/3, 1/4 or 2) as long as a cell keeps about 4 pixels.
 *
 * @returns ms since the Unix epoch, or `undefined` when there is no code or it is damaged: never a guess. A fixed finder, a clear contrast
 *   in each cell and 28 check bits are asked for.
 * @throws TypeError or RangeError if `data` does not fit the size.
 */
export function readTimeCode(image: PixelImage): number | undefined {
  const channels = expectImage(image)
  for (const scale of scales) {
    const width = Math.round(image.width * scale)
    const height = Math.round(image.height * scale)
    if (width < minTimeCodeSize.width || height < minTimeCodeSize.height) continue
    const time = readAtScale(image, channels, width, height)
    if (time !== undefined) return time
  }
  return undefined
}

function readAtScale(image: PixelImage, channels: number, width: number, height: number): number | undefined {
  const area = timeCodeArea(width, height)
  const scaleX = image.width / width
  const scaleY = image.height / height
  const shadeOf = (index: number): number => {
    const left = area.left + (1 + (index % gridColumns)) * area.cell
    const top = area.top + (1 + Math.floor(index / gridColumns)) * area.cell
    // The middle of the cell: its edges are blurred.
    const inset = area.cell / 4
    return meanShade(
      image,
      channels,
      Math.round((left + inset) * scaleX),
      Math.round((top + inset) * scaleY),
      Math.max(1, Math.round((area.cell / 2) * scaleX)),
      Math.max(1, Math.round((area.cell / 2) * scaleY)),
    )
  }

  const finder = finderBits.map((_, index) => shadeOf(index))
  const black = mean(finder.filter((_, index) => finderBits[index] === 1))
  const white = mean(finder.filter((_, index) => finderBits[index] === 0))
  const contrast = white - black
  if (contrast < minContrast) return undefined
  const bitOf = (shade: number): number => {
    if (shade <= black + clearShare * contrast) return 1
    return shade >= white - clearShare * contrast ? 0 : 2
  }
  if (finder.some((shade, index) => bitOf(shade) !== finderBits[index])) return undefined

  const bits = new Uint8Array(gridColumns * (gridRows - 1))
  for (let index = 0; index < bits.length; index++) {
    const bit = bitOf(shadeOf(gridColumns + index))
    if (bit === 2) return undefined
    bits[index] = bit
  }
  return decodeTime(bits)
}

function meanShade(
  { data, width }: PixelImage,
  channels: number,
  left: number,
  top: number,
  columns: number,
  rows: number,
): number {
  // The order of the colours does not matter: the cells are grey.
  const used = Math.min(3, channels)
  let sum = 0
  for (let y = top; y < top + rows; y++) {
    for (let x = left; x < left + columns; x++) {
      const at = (y * width + x) * channels
      for (let channel = 0; channel < used; channel++) sum += data[at + channel]!
    }
  }
  return sum / (columns * rows * used)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
