import { describe, expect, it } from 'vitest'
import { fitRegion, pickDisplay, pickWindow } from '../../src/target/pick.js'

const display = (index: number, name: string, isPrimary = false) => ({
  index,
  id: `:0.0/${name}#${index}`,
  name,
  x: 0,
  y: 0,
  width: 100,
  height: 50,
  scaleFactor: 1,
  isPrimary,
})
const displays = [display(0, 'DELL'), display(1, 'DELL', true), display(2, 'BenQ')]
const window = (id: number, title: string) => ({ id, title, x: 0, y: 0, width: 10, height: 10 })

describe('pickDisplay', () => {
  it('takes the primary one, the index, the id or a name that is one display’s only', () => {
    expect(pickDisplay(displays, undefined).index).toBe(1)
    expect(pickDisplay(displays.slice(0, 1), undefined).index).toBe(0)
    expect(pickDisplay(displays, 2).index).toBe(2)
    expect(pickDisplay(displays, ':0.0/DELL#0').index).toBe(0)
    expect(pickDisplay(displays, 'BenQ').index).toBe(2)
    expect(() => pickDisplay(displays, 'DELL')).toThrow(/Several displays are named "DELL": give an id/)
    expect(() => pickDisplay([], undefined)).toThrow(/no display at the moment/)
  })
})

describe('pickWindow', () => {
  it('prefers a whole title to a part of one', () => {
    const windows = [window(1, 'Editor'), window(2, 'Editor – notes')]
    expect(pickWindow(windows, { title: 'Editor' }).id).toBe(1)
    expect(pickWindow(windows, { title: 'NOTES' }).id).toBe(2)
    expect(() => pickWindow(windows, { title: 'edit' })).toThrow(/Several windows/)
    expect(() => pickWindow([], { title: 'x' })).toThrow(/No window with a title can be seen/)
  })

  it('tells no titles of windows, and the ids of a dozen at most', () => {
    const windows = Array.from({ length: 40 }, (_, id) => window(id + 1, `Secret plan ${id}`))
    expect(() => pickWindow(windows, { title: 'plan' })).toThrow(/one of 1, 2, .*, 12 and 28 more$/)
    for (const wanted of [{ id: 99 }, { title: 'Player' }, { title: 'plan' }])
      expect(() => pickWindow(windows, wanted)).toThrow(/^(?!.*Secret)/)
    expect(() => pickWindow(windows, { id: 99 })).toThrow(/There are 40 others: `listWindows\(\)`/)
  })
})

describe('fitRegion', () => {
  it('takes what lies inside, to the last pixel, and nothing that does not', () => {
    const size = { width: 100, height: 50 }
    expect(fitRegion(undefined, size, 'it')).toEqual({ x: 0, y: 0, width: 100, height: 50 })
    expect(fitRegion({ x: 99, y: 49, width: 1, height: 1 }, size, 'it')).toEqual({ x: 99, y: 49, width: 1, height: 1 })
    expect(() => fitRegion({ x: 99, y: 49, width: 2, height: 1 }, size, 'it')).toThrow(/partly outside it, which has 100×50/)
    expect(() => fitRegion({ x: 0, y: 50, width: 1, height: 1 }, size, 'it')).toThrow(/lies outside/)
  })
})
