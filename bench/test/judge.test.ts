import { describe, expect, it } from 'vitest'
import { type Goal, judge, meets } from '../src/lib/bench.js'
import { goalsTable, table } from '../src/lib/table.js'

describe('meets', () => {
  it.each<[number | undefined, Goal, boolean]>([
    [3, { atLeast: 3 }, true],
    [2.99, { atLeast: 3 }, false],
    [3, { atMost: 3 }, true],
    [3.01, { atMost: 3 }, false],
    [0, { exactly: 0 }, true],
    [1, { exactly: 0 }, false],
    [undefined, { atMost: 3 }, false],
    [Number.NaN, { atMost: 3 }, false],
    [Number.POSITIVE_INFINITY, { atLeast: 3 }, false],
  ])('%j keeps %j: %j', (figure, goal, expected) => {
    expect(meets(figure, goal)).toBe(expected)
  })
})

describe('judge', () => {
  it('passes only when every goal is met by the figure of its name', () => {
    const goals = { ratio: { atLeast: 500 }, lost: { exactly: 0 } }
    expect(judge({ ratio: 600, lost: 0, more: 1 }, goals).pass).toBe(true)
    expect(judge({ ratio: 600, lost: 1 }, goals).pass).toBe(false)
    expect(judge({ ratio: 600 }, goals).pass).toBe(false)
  })
})

describe('tables', () => {
  it('shows what was missed', () => {
    const shown = goalsTable(judge({ ratio: 499 }, { ratio: { atLeast: 500 }, lost: { exactly: 0 } }))
    expect(shown).toMatch(/ratio +≥ 500 +499 +MISSED/)
    expect(shown).toMatch(/lost +. 0 +not measured +MISSED/)
  })

  it('aligns numbers to the right and text to the left', () => {
    expect(
      table(
        ['what', 'n'],
        [
          ['a', 1234567],
          ['bcd', 5],
        ],
      ),
    ).toBe('what          n\n────  ─────────\na     1,234,570\nbcd           5')
  })
})
