import { describe, expect, it } from 'vitest'
import { createPlanes, fillRectangle, type Planes, parseColor } from '../../src/raster/planes.js'
import { type BrushStroke, createStrokePainter } from '../../src/raster/stroke-painter.js'

const black = parseColor('#000000')

function blank(): Planes {
  const planes = createPlanes(160, 128)
  fillRectangle(planes, 0, 0, 160, 128, parseColor('#ffffff'))
  return planes
}

function stroke(points: readonly (readonly [number, number, number])[], opacity: number): BrushStroke {
  return {
    xs: Float64Array.from(points, ([x]) => x),
    ys: Float64Array.from(points, ([, y]) => y),
    radii: Float64Array.from(points, ([, , radius]) => radius),
    color: black,
    opacity,
  }
}

function paint(planes: Planes, painted: BrushStroke, steps: number): number[][] {
  const dirty: number[][] = []
  const painter = createStrokePainter(planes, (...rectangle) => dirty.push(rectangle))
  painter.begin(painted)
  for (let n = 1; n <= steps; n++) painter.paintTo(n / steps)
  return dirty
}

const curve = stroke(
  Array.from({ length: 40 }, (_, n) => [20 + n * 3, 64 + 30 * Math.sin(n / 6), 8 + Math.sin(n / 9)] as const),
  0.5,
)

describe('the stroke painter', () => {
  it('covers a place once however often the stroke crosses it', () => {
    const planes = blank()
    paint(
      planes,
      stroke(
        [
          [40, 64, 12],
          [100, 64, 12],
          [40, 64, 12],
          [100, 64, 12],
        ],
        0.5,
      ),
      7,
    )
    const middle = planes.luma.data[64 * planes.luma.stride + 70]!
    expect(Math.abs(middle - 127.5)).toBeLessThan(2)
  })

  it('gives the same picture in one go and piece by piece', () => {
    const [whole, pieces] = [blank(), blank()]
    paint(whole, curve, 1)
    paint(pieces, curve, 173)
    const differences = whole.luma.data.map((value, n) => Math.abs(value - pieces.luma.data[n]!))
    expect(Math.max(...differences)).toBeLessThanOrEqual(6)
  })

  it('changes no pixel that it does not report', () => {
    const planes = blank()
    const before = planes.luma.data.slice()
    const dirty = paint(planes, curve, 20)
    planes.luma.data.forEach((value, n) => {
      if (value === before[n]) return
      const [x, y] = [n % planes.luma.stride, Math.floor(n / planes.luma.stride)]
      expect(dirty.some(([left, top, right, bottom]) => x >= left! && x < right! && y >= top! && y < bottom!)).toBe(true)
    })
    expect(dirty.length).toBeGreaterThan(20)
  })

  it('is not confused by a stroke that leaves the picture, stands still or is thinner than a pixel', () => {
    const planes = blank()
    paint(
      planes,
      stroke(
        [
          [-500, -500, 40],
          [700, 600, 40],
        ],
        0.9,
      ),
      3,
    )
    paint(planes, stroke([[80, 10, 5]], 0.9), 1)
    paint(
      planes,
      stroke(
        [
          [10, 100, 0.2],
          [150, 100, 0.2],
        ],
        0.9,
      ),
      2,
    )
    const at = (x: number, y: number): number => planes.luma.data[y * planes.luma.stride + x]!
    expect(at(80, 10)).toBeLessThan(60)
    expect(at(40, 100)).toBeGreaterThan(120)
    expect(at(40, 100)).toBeLessThan(255)
  })
})
