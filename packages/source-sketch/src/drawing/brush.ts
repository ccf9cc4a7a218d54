import type { Color } from '../raster/planes.js'
import type { BrushStroke } from '../raster/stroke-painter.js'
import type { Random } from './random.js'

export type Point = readonly [x: number, y: number]

/** How hard the hand presses along the stroke: a share of the radius for a share of the way. */
export type Pressure = (share: number) => number

export interface BrushOptions {
  readonly color: Color
  /** Of the brush at full pressure, in pixels. */
  readonly radius: number
  readonly pressure: Pressure
  /** Default 0.95. */
  readonly opacity?: number
  readonly bristles?: Float64Array
}

export const pressures = {
  /** A broad brush, set down and lifted quickly. */
  band: (share: number): number => Math.min(1, 0.35 + share * 9, 0.35 + (1 - share) * 9),
  /** A pen: fine at both ends. */
  pen: (share: number): number => 0.25 + 0.75 * Math.sin(Math.PI * share) ** 0.7,
  /** Firm at first, then running out. */
  stem: (share: number): number => 1 - 0.72 * share,
  /** Pointed at both ends and full before the middle. */
  leaf: (share: number): number => Math.sin(Math.PI * share ** 0.75) ** 1.1,
  /** Narrow where it starts and round where it ends. */
  petal: (share: number): number => 0.25 + 0.75 * Math.sin(Math.PI * Math.min(1, 0.12 + share * 0.62)),
  /** The same all the way. */
  even: (): number => 1,
} satisfies Record<string, Pressure>

/** A stroke along a smooth curve through the points. */
export function brushStroke(points: readonly Point[], options: BrushOptions): BrushStroke {
  const { color, radius, pressure, opacity = 0.95, bristles } = options
  const path = smooth(points, Math.max(1, radius * 0.35))
  const count = path.length
  return {
    xs: Float64Array.from(path, ([x]) => x),
    ys: Float64Array.from(path, ([, y]) => y),
    radii: Float64Array.from(path, (_, n) => Math.max(0.3, radius * pressure(count === 1 ? 0.5 : n / (count - 1)))),
    color,
    opacity,
    bristles,
  }
}

/** Hairs that carry unequal amounts of paint, neighbours alike. `dryness` from 0 (full) to 1. */
export function bristles(random: Random, dryness: number): Float64Array {
  const count = 48
  const raw = Array.from({ length: count }, () => random.range(0, 1))
  return Float64Array.from(raw, (value, n) => {
    const blurred = (raw[Math.max(0, n - 1)]! + 2 * value + raw[Math.min(count - 1, n + 1)]!) / 4
    const edge = Math.min(1, 0.4 + Math.min(n, count - 1 - n) / 5)
    return Math.max(0, 1 - dryness * blurred) * edge ** dryness
  })
}

/** Catmull-Rom through the points, sampled at about `step` pixels. */
function smooth(points: readonly Point[], step: number): Point[] {
  const path: Point[] = [points[0]!]
  for (let n = 1; n < points.length; n++) {
    const before = points[Math.max(0, n - 2)]!
    const from = points[n - 1]!
    const to = points[n]!
    const after = points[Math.min(points.length - 1, n + 1)]!
    const count = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / step))
    for (let k = 1; k <= count; k++) {
      const share = k / count
      path.push([spline(before[0], from[0], to[0], after[0], share), spline(before[1], from[1], to[1], after[1], share)])
    }
  }
  return path
}

function spline(before: number, from: number, to: number, after: number, t: number): number {
  return (
    0.5 *
    (2 * from +
      (to - before) * t +
      (2 * before - 5 * from + 4 * to - after) * t * t +
      (3 * from - before - 3 * to + after) * t * t * t)
  )
}
