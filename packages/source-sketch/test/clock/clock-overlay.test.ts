import { describe, expect, it } from 'vitest'
import { clockLayout } from '../../src/clock/clock-layout.js'
import { createClockOverlay } from '../../src/clock/clock-overlay.js'
import { glyphs } from '../../src/clock/glyphs.js'
import { createPlanes, fillRectangle, parseColor } from '../../src/raster/planes.js'
import { timeCodeArea } from '../../src/time-code/time-code-layout.js'

const texts = (seconds: string) => ['2026-11-21', `12:34:${seconds}`] as const
const sizes = [
  [160, 120],
  [320, 240],
  [641, 481],
  [720, 1280],
  [1920, 1080],
  [3840, 400],
  [3840, 2160],
] as const

function show(place: 'centre' | 'corner', [width, height]: readonly [width: number, height: number]) {
  const canvas = createPlanes(width, height)
  fillRectangle(canvas, 0, 0, canvas.luma.stride, canvas.luma.height, parseColor('#eeeeee'))
  const code = timeCodeArea(width, height)
  const layout = clockLayout({ width, height, place, texts: texts('56.789'), code })
  const changes: number[][] = []
  const clock = createClockOverlay(canvas, layout, (...rectangle) => changes.push(rectangle))
  return { canvas, code, layout, changes, clock }
}

describe('the clock', () => {
  it.each(
    sizes.flatMap(
      (size) =>
        [
          ['centre', size],
          ['corner', size],
        ] as const,
    ),
  )('stays within the picture: %s, %j', (place, size) => {
    const { layout, code } = show(place, size)
    expect(layout.left).toBeGreaterThanOrEqual(0)
    expect(layout.top).toBeGreaterThanOrEqual(0)
    expect(layout.right).toBeLessThanOrEqual(size[0])
    expect(layout.bottom).toBeLessThanOrEqual(size[1])
    for (const line of layout.lines) {
      expect(line.x).toBeGreaterThanOrEqual(layout.left)
      expect(line.y).toBeGreaterThanOrEqual(layout.top)
      expect(line.digitHeight).toBeGreaterThanOrEqual(7)
    }
    const beside = layout.left >= code.left + code.width
    expect(beside || layout.bottom <= code.top).toBe(true)
  })

  it('draws only the characters that changed, and the picture is the same as if all had been drawn', () => {
    const { clock, changes } = show('corner', [640, 480])
    clock.show(texts('56.789'))
    changes.length = 0
    clock.show(texts('57.780'))
    expect(changes).toHaveLength(2)
    const fresh = show('corner', [640, 480])
    fresh.clock.show(texts('57.780'))
    expect(clock.overlay.planes).toEqual(fresh.clock.overlay.planes)
  })

  it('shows what was painted below it meanwhile, as if it had been there from the start', () => {
    const blot = (canvas: ReturnType<typeof createPlanes>): void =>
      fillRectangle(canvas, 300, 200, 350, 260, parseColor('#aa3322'))
    const { clock, canvas } = show('centre', [640, 480])
    clock.show(texts('56.789'))
    blot(canvas)
    clock.overlay.touch(301, 200, 349, 259)
    clock.show(texts('56.790'))
    const fresh = show('centre', [640, 480])
    blot(fresh.canvas)
    fresh.clock.show(texts('56.790'))
    expect(clock.overlay.planes).toEqual(fresh.clock.overlay.planes)
  })

  it('has a glyph for every character that it may print, and no two alike', () => {
    const drawn = Array.from('0123456789-:.Z', (character) => JSON.stringify(glyphs[character]?.strokes))
    expect(drawn).not.toContain(undefined)
    expect(new Set(drawn).size).toBe(drawn.length)
  })
})
