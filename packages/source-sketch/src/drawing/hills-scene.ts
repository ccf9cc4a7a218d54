import { mix } from '../raster/planes.js'
import type { BrushStroke } from '../raster/stroke-painter.js'
import { bristles, brushStroke, type Point, pressures } from './brush.js'
import { disc, flower, grass, leaf } from './plants.js'
import type { Easel, Scene } from './scene.js'

/** Sun over hills, with birds, trees, and flowers in front. */
export const hillsScene: Scene = (easel) => {
  const contours = [0.4, 0.53, 0.67, 0.82].map((base, layer) => contour(easel, base, 0.075 - layer * 0.01))
  const paintedSun = sun(easel)
  return [
    ...outline(easel, contours, paintedSun),
    ...sky(easel),
    ...paintedSun.strokes,
    ...contours.flatMap((line, layer) => [
      ...hill(easel, line, layer, contours[layer + 1]),
      ...(layer === 1 || layer === 2 ? trees(easel, line, layer) : []),
    ]),
    ...birds(easel),
    ...meadow(easel, contours[3]!),
  ]
}

/** The height of a line (share of the picture's height, from the top) for a share of its width. */
type Contour = (share: number) => number

function contour({ random }: Easel, base: number, swing: number): Contour {
  const waves = [0.7, 1.3, 2.6].map((count) => ({ count: count * random.range(0.8, 1.25), phase: random.range(0, 1) }))
  return (share) =>
    base +
    waves.reduce((sum, { count, phase }, n) => sum + (swing / (n + 1)) * Math.sin(2 * Math.PI * (share * count + phase)), 0)
}

function across({ random, left, top, width, height }: Easel, line: Contour, reversed: boolean): Point[] {
  const from = random.range(0, 0.025)
  const to = 1 - random.range(0, 0.025)
  const points = Array.from({ length: 25 }, (_, n) => {
    const share = from + ((to - from) * n) / 24
    return [left + share * width, top + line(share) * height] as const
  })
  return reversed ? points.reverse() : points
}

function sky(easel: Easel): BrushStroke[] {
  const { random, palette, size } = easel
  return Array.from({ length: 5 }, (_, n) => {
    const drift = contour(easel, 0.09 + n * 0.075, 0.012)
    return brushStroke(across(easel, drift, n % 2 === 1), {
      color: mix(palette.sky, palette.paper, random.range(0.05, 0.4)),
      radius: size * random.range(0.04, 0.052),
      pressure: pressures.band,
      opacity: 0.75,
      bristles: bristles(random, 0.9),
    })
  })
}

interface Sun {
  readonly at: Point
  readonly radius: number
  readonly strokes: readonly BrushStroke[]
}

function sun({ random, palette, left, top, width, height, size }: Easel): Sun {
  const share = random.pick([random.range(0.16, 0.36), random.range(0.64, 0.84)])
  const at: Point = [left + share * width, top + random.range(0.2, 0.27) * height]
  const radius = size * 0.105
  return {
    at,
    radius,
    strokes: [disc(random, at, radius * 1.5, mix(palette.sun, palette.paper, 0.62), 0.6), disc(random, at, radius, palette.sun)],
  }
}

/** What the artist sketches with a pencil before taking the brush. */
function outline(easel: Easel, contours: readonly Contour[], { at, radius }: Sun): BrushStroke[] {
  const { random, palette, size } = easel
  const pencil = {
    color: mix(palette.ink, palette.paper, 0.45),
    radius: Math.max(0.6, size * 0.0024),
    pressure: pressures.pen,
    opacity: 0.8,
  }
  const circle = Array.from({ length: 17 }, (_, n): Point => {
    const angle = -2 + (n / 15) * 2 * Math.PI
    return [at[0] + Math.cos(angle) * radius, at[1] + Math.sin(angle) * radius * random.range(0.98, 1.02)]
  })
  return [brushStroke(circle, pencil), ...contours.map((line, n) => brushStroke(across(easel, line, n % 2 === 1), pencil))]
}

function hill(easel: Easel, line: Contour, layer: number, next: Contour | undefined): BrushStroke[] {
  const { random, palette, size, height } = easel
  const color = palette.hills[layer]!
  const radius = size * (0.04 + layer * 0.004)
  const step = (radius * 1.25) / height
  const bottom = (share: number): number =>
    next === undefined ? 1 - radius / height : Math.min(next(share) + step * 0.6, 1 - radius / height)
  const depth = Math.max(...Array.from({ length: 11 }, (_, n) => bottom(n / 10) - line(n / 10)))
  const rows = Math.max(2, Math.ceil(depth / step) + 1)
  return Array.from({ length: rows }, (_, row) => {
    const share = row / (rows - 1)
    const path = across(
      easel,
      (x) => line(x) + radius / height + Math.max(0, bottom(x) - line(x) - radius / height) * share,
      row % 2 === layer % 2,
    )
    // Mist lies in the valleys.
    const misty = mix(color, palette.paper, next === undefined ? 0 : 0.3 * share)
    return brushStroke(path, {
      color: mix(misty, palette.ink, random.range(0, 0.07)),
      radius: radius * random.range(0.95, 1.1),
      pressure: pressures.band,
      opacity: 0.97,
      bristles: bristles(random, row === 0 ? 0.2 : 0.35),
    })
  })
}

function trees(easel: Easel, line: Contour, layer: number): BrushStroke[] {
  const { random, palette, left, top, width, height, size } = easel
  const color = mix(palette.hills[layer + 1]!, palette.hills[3], 0.35)
  const count = random.integer(4, 6)
  const first = random.range(0.06, 0.6)
  return Array.from({ length: count }, (_, n) => {
    const share = first + n * random.range(0.05, 0.07)
    const root: Point = [left + share * width, top + (line(share) + 0.02) * height]
    const tall = size * random.range(0.07, 0.11) * (0.6 + layer * 0.25)
    if (random.range(0, 1) < 0.6)
      return [leaf([root[0], root[1] + tall * 0.05], -Math.PI / 2, tall * 1.3, mix(color, palette.ink, random.range(0, 0.2)), 0)]
    return [
      brushStroke([root, [root[0], root[1] - tall * 0.5]], {
        color: palette.ink,
        radius: Math.max(0.7, tall * 0.04),
        pressure: pressures.stem,
      }),
      disc(random, [root[0], root[1] - tall * 0.75], tall * 0.36, mix(color, palette.ink, random.range(0, 0.15))),
    ]
  }).flat()
}

function birds({ random, palette, left, top, width, height, size }: Easel): BrushStroke[] {
  const flock: Point = [random.range(0.38, 0.62), random.range(0.1, 0.2)]
  return Array.from({ length: random.integer(5, 7) }, () => {
    const [x, y] = [left + (flock[0] + random.range(-0.14, 0.14)) * width, top + (flock[1] + random.range(-0.07, 0.09)) * height]
    const span = size * random.range(0.022, 0.04)
    const tilt = random.range(-0.25, 0.25) * span
    const wings: Point[] = [
      [x - span, y - span * 0.1 - tilt],
      [x - span * 0.55, y - span * 0.42 - tilt * 0.5],
      [x - span * 0.1, y - span * 0.05],
      [x, y + span * 0.06],
      [x + span * 0.1, y - span * 0.05],
      [x + span * 0.55, y - span * 0.42 + tilt * 0.5],
      [x + span, y - span * 0.1 + tilt],
    ]
    return brushStroke(wings, { color: palette.ink, radius: Math.max(0.8, span * 0.09), pressure: pressures.pen })
  })
}

function meadow(easel: Easel, line: Contour): BrushStroke[] {
  const { random, left, top, width, height, size } = easel
  const rootAt = (share: number): Point => [left + share * width, top + random.range(0.95, 0.985) * height]
  const blades = Array.from({ length: 26 }, () =>
    grass(easel, rootAt(random.range(0.03, 0.97)), size * random.range(0.06, 0.15), 'pale'),
  )
  const count = Math.max(3, Math.round((9 * width) / (height * 2.2)))
  const flowers = Array.from({ length: count }, (_, n) => {
    const share = (n + 0.5 + random.range(-0.3, 0.3)) / count
    const root = rootAt(share)
    const tip: Point = [root[0] + random.range(-0.05, 0.05) * size, top + (line(share) - random.range(0.02, 0.16)) * height]
    return flower(easel, root, tip, size * random.range(0.052, 0.07), 'pale')
  })
  return [...blades.slice(0, 13), ...flowers.flat(), ...blades.slice(13)]
}
