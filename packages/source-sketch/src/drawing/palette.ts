import { type Color, parseColor } from '../raster/planes.js'
import type { Random } from './random.js'

/** The paints of one drawing. */
export interface Palette {
  readonly paper: Color
  /** For lines and text: stands out from the paper. */
  readonly ink: Color
  readonly sun: Color
  readonly sky: Color
  /** From far to near, that is from pale to deep. */
  readonly hills: readonly [Color, Color, Color, Color]
  readonly blossoms: readonly Color[]
}

const papers = ['#f7f0e3', '#f3ebdd', '#eef1ea', '#f6eae0', '#ebeff1', '#f3eef0', '#faf4e4', '#eef0e2']

// Ink, sun, sky, four hills, blossoms.
const paints = [
  '#26343b #e9a23b #c3d8dc #c2d0b8 #8fb08c #5b8c70 #2c5a4e #d9594c #f2c14e #fbf6ea #8d6a9f',
  '#2c2438 #e4572e #f5cfb2 #dfb3a8 #b07a86 #714f73 #3d3054 #f4d35e #ee964b #f95738 #fdeedd',
  '#17323d #f4b942 #cfe3e6 #b4d2d6 #74a8b4 #3c7a8c #1f4e60 #ef6f6c #ffd9a0 #fff9ec #d98fb0',
  '#2e3227 #d1495b #e9dfc4 #d6cc9f #a7ac70 #6f7f4b #3f4f34 #edae49 #d1495b #2f8f9d #fdf3dc',
  '#27303f #f08a5d #d5dbe8 #c3c9dc #939fc0 #5d6c96 #323f66 #f9ed69 #f08a5d #b83b5e #fbf4ec',
]

/** Chooses paints; the paper too, unless `background` gives it as `#rrggbb`. */
export function choosePalette(random: Random, background: string): Palette {
  const chosenPaper = random.pick(papers)
  const [ink, sun, sky, far, middle, near, front, ...blossoms] = random.pick(paints).split(' ').map(parseColor)
  const paper = parseColor(background === 'random' ? chosenPaper : background)
  return { paper, ink: inkOn(paper, ink!), sun: sun!, sky: sky!, hills: [far!, middle!, near!, front!], blossoms }
}

const chalk = parseColor('#f6efe0')

/** The ink, or chalk where the ground is too dark for it. */
export function inkOn(ground: Color, ink: Color): Color {
  return ground.y < 120 ? chalk : ink
}
