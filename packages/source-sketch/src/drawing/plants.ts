import { type Color, mix } from '../raster/planes.js'
import type { BrushStroke } from '../raster/stroke-painter.js'
import { bristles, brushStroke, type Point, pressures } from './brush.js'
import type { Random } from './random.js'
import type { Easel } from './scene.js'

const turn = ([x, y]: Point, angle: number, length: number): Point => [x + Math.cos(angle) * length, y + Math.sin(angle) * length]

/** A curved line from `from` to `to` that bows sideways by `bow` pixels; the points of its path. */
function bow(from: Point, to: Point, by: number): Point[] {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1
  const normal: Point = [-(to[1] - from[1]) / length, (to[0] - from[0]) / length]
  return Array.from({ length: 13 }, (_, n) => {
    const share = n / 12
    const off = by * Math.sin(Math.PI * share)
    return [from[0] + (to[0] - from[0]) * share + normal[0] * off, from[1] + (to[1] - from[1]) * share + normal[1] * off] as const
  })
}

/** One leaf or petal that starts at `root` and points along `angle` (radians, clockwise from the right). */
export function leaf(
  root: Point,
  angle: number,
  length: number,
  color: Color,
  curl: number,
  shape = pressures.leaf,
): BrushStroke {
  return brushStroke(bow(root, turn(root, angle, length), curl * length), {
    color,
    radius: length * 0.2,
    pressure: shape,
    opacity: 0.9,
  })
}

/** A filled disc, painted in a spiral from its middle. */
export function disc(random: Random, [x, y]: Point, radius: number, color: Color, opacity = 0.95): BrushStroke {
  const brush = radius * 0.3
  const turns = (radius - brush) / (brush * 1.1)
  const steps = Math.max(8, Math.ceil(turns * 14))
  const start = random.range(0, 2 * Math.PI)
  const path = Array.from({ length: steps + 14 }, (_, n) => {
    const share = Math.min(1, n / steps)
    const angle = start + (n / 14) * 2 * Math.PI
    return [x + Math.cos(angle) * share * (radius - brush), y + Math.sin(angle) * share * (radius - brush)] as const
  })
  return brushStroke(path, { color, radius: brush, pressure: pressures.even, opacity, bristles: bristles(random, 0.25) })
}

function dot(at: Point, radius: number, color: Color): BrushStroke {
  return brushStroke([at, [at[0] + radius * 0.4, at[1] + radius * 0.2]], { color, radius, pressure: pressures.even })
}

type Blossom = (easel: Easel, at: Point, angle: number, size: number, color: Color) => BrushStroke[]

const daisy: Blossom = ({ random, palette }, at, angle, size, color) => {
  const count = random.integer(8, 12)
  const petals = Array.from({ length: count }, (_, n) => {
    const direction = angle + (n * 2 * Math.PI) / count + random.range(-0.12, 0.12)
    const shade = mix(color, palette.ink, random.range(0, 0.12))
    return leaf(
      turn(at, direction, size * 0.22),
      direction,
      size * random.range(0.85, 1.05),
      shade,
      random.range(-0.08, 0.08),
      pressures.petal,
    )
  })
  return [...petals, disc(random, at, size * 0.33, mix(palette.sun, palette.ink, 0.08))]
}

const tulip: Blossom = ({ random, palette }, at, angle, size, color) =>
  [-0.55, 0.55, -0.28, 0.28, 0].map((spread, n) =>
    leaf(
      turn(at, angle + Math.PI, size * 0.1),
      angle + spread,
      size * random.range(1.45, 1.7),
      mix(color, palette.ink, n < 2 ? 0.16 : n < 4 ? 0.07 : 0),
      -spread * 0.35,
    ),
  )

const poppy: Blossom = ({ random, palette }, at, angle, size, color) => [
  ...Array.from({ length: 5 }, (_, n) => {
    const direction = angle + ((n - 2) * 2 * Math.PI) / 5
    return disc(
      random,
      turn(at, direction, size * 0.5),
      size * random.range(0.52, 0.62),
      mix(color, palette.ink, random.range(0, 0.14)),
      0.9,
    )
  }),
  disc(random, at, size * 0.3, palette.ink),
]

const lavender: Blossom = ({ random, palette }, at, angle, size, color) =>
  Array.from({ length: 11 }, (_, n) => {
    const along = turn(at, angle + Math.PI, (n - 3) * size * 0.24)
    const side = n % 2 === 0 ? 1 : -1
    return leaf(
      along,
      angle + side * random.range(0.5, 0.8),
      size * (0.42 + n * 0.035),
      mix(color, palette.ink, random.range(0, 0.18)),
      0,
    )
  }).reverse()

const berries: Blossom = ({ random, palette }, at, angle, size, color) =>
  Array.from({ length: 7 }, (_, n) => {
    const direction = angle + (n - 3) * 0.42
    const end = turn(at, direction, size * random.range(0.7, 1.25))
    return [
      brushStroke(bow(at, end, size * 0.08), { color: palette.hills[2], radius: size * 0.05, pressure: pressures.stem }),
      dot(end, size * random.range(0.14, 0.2), mix(color, palette.ink, random.range(0, 0.15))),
    ]
  }).flat()

const blossoms: readonly Blossom[] = [daisy, daisy, tulip, poppy, lavender, berries]

/** The colour of stems and leaves: `deep` against the paper, `pale` against the hill in front. */
export type Green = 'deep' | 'pale'

function greenOf({ random, palette }: Easel, green: Green): Color {
  const [from, to] = green === 'deep' ? [palette.hills[2], palette.hills[3]] : [palette.hills[1], palette.hills[2]]
  return mix(from, to, random.range(0, 0.9))
}

/** A flower from its root to its blossom: stem, leaves in pairs, blossom. */
export function flower(easel: Easel, root: Point, tip: Point, size: number, tone: Green): BrushStroke[] {
  const { random, palette } = easel
  const green = greenOf(easel, tone)
  const height = Math.hypot(tip[0] - root[0], tip[1] - root[1])
  const path = bow(root, tip, random.range(-0.14, 0.14) * height)
  const strokes = [brushStroke(path, { color: green, radius: size * 0.085, pressure: pressures.stem })]
  for (let share = random.range(0.2, 0.3), n = 0; share < 0.75; share += random.range(0.13, 0.2), n++) {
    const at = path[Math.round(share * 12)]!
    const next = path[Math.min(12, Math.round(share * 12) + 1)]!
    const along = Math.atan2(next[1] - at[1], next[0] - at[0])
    const side = n % 2 === 0 ? 1 : -1
    const shade = mix(green, random.pick(palette.hills), random.range(0, 0.3))
    strokes.push(
      leaf(at, along + side * random.range(0.5, 0.9), size * random.range(1, 1.5) * (1.2 - share), shade, -side * 0.12),
    )
  }
  const last = path[12]!
  const before = path[10]!
  const angle = Math.atan2(last[1] - before[1], last[0] - before[0])
  return [...strokes, ...random.pick(blossoms)(easel, last, angle, size, random.pick(palette.blossoms))]
}

/** A quick blade of grass. */
export function grass(easel: Easel, root: Point, length: number, tone: Green): BrushStroke {
  const { random } = easel
  const lean = random.range(-0.45, 0.45)
  const tip: Point = [root[0] + lean * length, root[1] - length]
  return brushStroke(bow(root, tip, -lean * length * 0.35), {
    color: greenOf(easel, tone),
    radius: Math.max(0.8, length * 0.03),
    pressure: pressures.stem,
    opacity: 0.85,
  })
}
