import { mix } from '../raster/planes.js'
import type { BrushStroke } from '../raster/stroke-painter.js'
import { bristles, brushStroke, type Point, pressures } from './brush.js'
import { disc, flower, grass } from './plants.js'
import type { Easel, Scene } from './scene.js'

/** A stand of tall flowers before a pale moon. */
export const gardenScene: Scene = (easel) => {
  const { random, palette, left, top, width, height, size } = easel
  const moon: Point = [left + random.range(0.35, 0.65) * width, top + 0.42 * height]
  const washes = Array.from({ length: 3 }, (_, n) => ground(easel, n))
  const count = Math.max(4, Math.round((9 * width) / (height * 2.2)))
  const order = Array.from({ length: count }, (_, n) => (n * 4 + 1) % count)
  const places = new Set(order).size === count ? order : order.map((_, n) => n)
  const flowers = places.flatMap((place) => {
    const share = (place + 0.5 + random.range(-0.25, 0.25)) / count
    const root: Point = [left + (0.06 + share * 0.88) * width, top + random.range(0.93, 0.97) * height]
    const lean = (share - 0.5 + random.range(-0.3, 0.3)) * size * 0.3
    const edge = size * 0.14
    const x = Math.min(left + width - edge, Math.max(left + edge, root[0] + lean))
    const tip: Point = [x, top + random.range(0.16, 0.52) * height]
    return flower(easel, root, tip, size * random.range(0.082, 0.115), 'deep')
  })
  const blades = Array.from({ length: 40 }, () =>
    grass(
      easel,
      [left + random.range(0.03, 0.97) * width, top + random.range(0.92, 0.985) * height],
      size * random.range(0.08, 0.26),
      'deep',
    ),
  )
  return [
    disc(random, moon, size * 0.33, mix(palette.sun, palette.paper, 0.72), 0.8),
    ...washes,
    ...blades.slice(0, 20),
    ...flowers,
    ...blades.slice(20),
  ]
}

function ground({ random, palette, left, top, width, height, size }: Easel, row: number): BrushStroke {
  const y = top + (0.9 + row * 0.028) * height
  const wave = random.range(0, 6)
  const path = Array.from({ length: 19 }, (_, n) => {
    const share = 0.01 + random.range(0, 0.004) + (0.98 * n) / 18
    return [left + share * width, y + Math.sin(wave + share * 7) * size * 0.012] as const
  })
  return brushStroke(row % 2 === 0 ? path : path.reverse(), {
    color: mix(palette.hills[row === 0 ? 0 : 1], palette.paper, 0.25),
    radius: size * 0.034,
    pressure: pressures.band,
    opacity: 0.85,
    bristles: bristles(random, 0.7),
  })
}
