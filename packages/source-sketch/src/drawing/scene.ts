import type { BrushStroke } from '../raster/stroke-painter.js'
import type { Palette } from './palette.js'
import type { Random } from './random.js'

/** What a scene is drawn with and on. */
export interface Easel {
  readonly random: Random
  readonly palette: Palette
  /** Where to paint, in pixels. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** The measure for brushes and plants: the height, or less where the picture is narrow. In pixels. */
  readonly size: number
}

/** Strokes in the order in which the artist makes them. */
export type Scene = (easel: Easel) => BrushStroke[]
