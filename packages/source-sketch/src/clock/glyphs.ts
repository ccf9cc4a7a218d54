/**
 * Digits as strokes of a round pen, on a grid 10 high with the origin at the top left; each stroke is a list of points. A character's ink stays within
 * half a unit left of its cell's origin and half a unit left of the next cell's. Our own, because the machine may have no fonts.
 */
type PenStroke = readonly (readonly [number, number])[]

const circle = (x: number, y: number, rx: number, ry: number, from = 0, to = 1): PenStroke =>
  Array.from({ length: 33 }, (_, n) => {
    const angle = 2 * Math.PI * (from + ((to - from) * n) / 32)
    return [x + rx * Math.sin(angle), y - ry * Math.cos(angle)] as const
  })

const dot = (x: number, y: number): PenStroke => [
  [x, y],
  [x + 0.05, y],
]

interface Glyph {
  /** Width of the cell. */
  readonly advance: number
  readonly strokes: readonly PenStroke[]
}

const wide = (...strokes: PenStroke[]): Glyph => ({ advance: 7, strokes })
const narrow = (...strokes: PenStroke[]): Glyph => ({ advance: 4, strokes })

export const glyphs: Readonly<Record<string, Glyph>> = {
  0: wide(circle(3, 5, 2.6, 4.6)),
  1: wide([
    [1.2, 2.2],
    [3.4, 0.4],
    [3.4, 9.6],
  ]),
  2: wide([...circle(3, 3, 2.5, 2.6, -0.22, 0.3), [0.5, 9.6], [5.7, 9.6]]),
  3: wide([...circle(2.9, 2.75, 2.2, 2.35, -0.22, 0.42), [2.4, 4.75], ...circle(2.8, 7.15, 2.7, 2.45, 0.04, 0.72)]),
  4: wide([
    [4.2, 9.6],
    [4.2, 0.4],
    [0.3, 6.8],
    [5.8, 6.8],
  ]),
  5: wide([[5.2, 0.4], [1.1, 0.4], [0.8, 4.6], ...circle(2.9, 6.5, 2.7, 3.1, -0.1, 0.68)]),
  6: wide(circle(3, 6.7, 2.5, 2.9), [
    [4.6, 0.4],
    [2.6, 2.4],
    [1, 4.8],
    [0.55, 6.7],
  ]),
  7: wide([
    [0.4, 0.4],
    [5.6, 0.4],
    [2.2, 9.6],
  ]),
  8: wide(circle(3, 2.7, 2.1, 2.3), circle(3, 7.3, 2.6, 2.3)),
  9: wide(circle(3, 3.3, 2.5, 2.9), [
    [5.45, 3.3],
    [5, 5.2],
    [3.4, 7.6],
    [1.4, 9.6],
  ]),
  '-': {
    advance: 5.4,
    strokes: [
      [
        [0.8, 5.3],
        [3.8, 5.3],
      ],
    ],
  },
  ':': narrow(dot(1.5, 3.1), dot(1.5, 8.2)),
  '.': narrow(dot(1.5, 9.3)),
  Z: wide([
    [0.5, 0.4],
    [5.5, 0.4],
    [0.5, 9.6],
    [5.5, 9.6],
  ]),
}
