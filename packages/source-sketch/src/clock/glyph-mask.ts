import { glyphs } from './glyphs.js'

/** How much ink each pixel of a character's cell gets, from 0 to 255. Cells stand side by side without overlap; width and height are even. */
export interface GlyphMask {
  readonly width: number
  readonly height: number
  readonly luma: Uint8Array
  /** At half the resolution. */
  readonly chroma: Uint8Array
}

const even = (value: number): number => 2 * Math.round(value / 2)

/** Height of a cell for digits of this height, in pixels. */
export function cellHeight(digitHeight: number): number {
  return 2 * Math.ceil(digitHeight * 0.6 + 1.5)
}

/** Width of a character's cell, in pixels. */
export function cellWidth(character: string, digitHeight: number): number {
  return even(((glyphs[character]?.advance ?? 0) * digitHeight) / 10)
}

export function createGlyphMask(character: string, digitHeight: number): GlyphMask {
  const unit = digitHeight / 10
  const pen = Math.max(0.6, 0.56 * unit)
  const width = cellWidth(character, digitHeight)
  const height = cellHeight(digitHeight)
  const luma = new Uint8Array(width * height)
  const top = (height - digitHeight) / 2
  for (const stroke of glyphs[character]?.strokes ?? []) {
    for (let n = 1; n < stroke.length; n++) {
      const [x0, y0] = stroke[n - 1]!
      const [x1, y1] = stroke[n]!
      drawLine({ luma, width, height }, [(x0 + 0.5) * unit, top + y0 * unit], [(x1 + 0.5) * unit, top + y1 * unit], pen)
    }
  }
  return { width, height, luma, chroma: halve(luma, width, height) }
}

type Position = readonly [x: number, y: number]

function drawLine({ luma, width, height }: Omit<GlyphMask, 'chroma'>, [x0, y0]: Position, [x1, y1]: Position, pen: number): void {
  const dx = x1 - x0
  const dy = y1 - y0
  const squared = dx * dx + dy * dy
  for (let y = Math.max(0, Math.floor(Math.min(y0, y1) - pen - 1)); y < Math.min(height, Math.max(y0, y1) + pen + 1); y++) {
    for (let x = Math.max(0, Math.floor(Math.min(x0, x1) - pen - 1)); x < Math.min(width, Math.max(x0, x1) + pen + 1); x++) {
      const px = x + 0.5 - x0
      const py = y + 0.5 - y0
      const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / squared))
      const inside = pen + 0.5 - Math.hypot(px - dx * along, py - dy * along)
      if (inside > 0) luma[y * width + x] = Math.max(luma[y * width + x]!, Math.round(Math.min(1, inside) * 255))
    }
  }
}

function halve(luma: Uint8Array, width: number, height: number): Uint8Array {
  const half = new Uint8Array((width * height) / 4)
  for (let y = 0, to = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const at = y * width + x
      half[to++] = (luma[at]! + luma[at + 1]! + luma[at + width]! + luma[at + width + 1]!) >> 2
    }
  }
  return half
}
