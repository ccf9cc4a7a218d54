import type { BrushStroke } from '../raster/stroke-painter.js'
import { gardenScene } from './garden-scene.js'
import { hillsScene } from './hills-scene.js'
import { choosePalette, type Palette } from './palette.js'
import { createRandom } from './random.js'
import type { Easel } from './scene.js'

/** One drawing, planned from its first to its last stroke. */
export interface Sheet {
  readonly palette: Palette
  readonly strokes: readonly BrushStroke[]
  /** When each stroke begins and ends, as shares of the time for drawing. The hand moves between them. */
  readonly begins: Float64Array
  readonly ends: Float64Array
}

export interface SheetOptions {
  readonly seed: number
  /** Number of the sheet, from 0. */
  readonly index: number
  /** `random` or `#rrggbb`. */
  readonly background: string
  /** Where to paint, in pixels. */
  readonly area: Pick<Easel, 'left' | 'top' | 'width' | 'height'>
}

/** Plans a sheet. The same options give the same drawing. */
export function createSheet({ seed, index, background, area }: SheetOptions): Sheet {
  const random = createRandom(seed, index)
  const palette = choosePalette(random, background)
  const scene = index % 2 === 0 ? hillsScene : gardenScene
  const strokes = scene({ random, palette, ...area, size: Math.min(area.height, area.width * 0.6) })
  return { palette, strokes, ...schedule(strokes, Math.hypot(area.width, area.height)) }
}

function schedule(strokes: readonly BrushStroke[], diagonal: number): Pick<Sheet, 'begins' | 'ends'> {
  const begins = new Float64Array(strokes.length)
  const ends = new Float64Array(strokes.length)
  let time = 0
  strokes.forEach((stroke, n) => {
    // A pencil is quicker than a brush full of paint.
    const weight = 0.35 + 0.65 * Math.min(1, stroke.radii.reduce((most, radius) => Math.max(most, radius)) / (0.012 * diagonal))
    const effort = 0.012 + weight * Math.sqrt(pathLength(stroke) / diagonal)
    begins[n] = time
    ends[n] = time + effort
    time += effort * 1.12 + 0.01
  })
  return { begins: begins.map((value) => value / time), ends: ends.map((value) => value / time) }
}

function pathLength({ xs, ys }: BrushStroke): number {
  let length = 0
  for (let n = 1; n < xs.length; n++) length += Math.hypot(xs[n]! - xs[n - 1]!, ys[n]! - ys[n - 1]!)
  return length
}
