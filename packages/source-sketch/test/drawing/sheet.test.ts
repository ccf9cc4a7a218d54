import { describe, expect, it } from 'vitest'
import { createSheet } from '../../src/drawing/sheet.js'

const area = { left: 20, top: 20, width: 1240, height: 540 }
const options = { seed: 11, index: 0, background: 'random', area } as const

describe('a sheet', () => {
  it('is the same for the same seed and number, and another for others', () => {
    const sheet = createSheet(options)
    expect(createSheet(options)).toEqual(sheet)
    expect(createSheet({ ...options, seed: 12 })).not.toEqual(sheet)
    expect(createSheet({ ...options, seed: 11 + 2 ** 33 })).not.toEqual(sheet)
    expect(createSheet({ ...options, index: 2 })).not.toEqual(sheet)
  })

  it.each([0, 1, 2, 3])('plans strokes one after the other, from the start to the end of its time: sheet %i', (index) => {
    for (let seed = 0; seed < 25; seed++) {
      const { strokes, begins, ends } = createSheet({ ...options, seed, index })
      expect(strokes.length).toBeGreaterThan(40)
      expect(begins[0]).toBe(0)
      expect(ends.at(-1)).toBeLessThanOrEqual(1)
      strokes.forEach(({ xs, ys, radii }, n) => {
        expect(ends[n]).toBeGreaterThan(begins[n]!)
        if (n > 0) expect(begins[n]).toBeGreaterThanOrEqual(ends[n - 1]!)
        expect([...xs, ...ys, ...radii].every(Number.isFinite)).toBe(true)
      })
    }
  })

  it('uses chalk instead of ink on dark paper', () => {
    expect(createSheet({ ...options, background: '#101820' }).palette.ink.y).toBeGreaterThan(180)
    expect(createSheet({ ...options, background: '#f7f0e3' }).palette.ink.y).toBeLessThan(100)
  })
})
