import { describe, expect, it } from 'vitest'
import { createSenderClock } from '../../src/time/sender-clock.js'

const epoch = 1_795_000_000_000

function watch(choice: 'auto' | 'sender' | 'arrival' = 'auto') {
  const changes: { used: boolean; delayMs: number }[] = []
  const clock = createSenderClock(choice, (used, delayMs) => changes.push({ used, delayMs }))
  let arrival = epoch
  return {
    changes,
    /** So many units, one each 40 ms. */
    feed(count: number, delayOf: (index: number) => number): boolean[] {
      return Array.from({ length: count }, (_, index) => {
        arrival += 40
        return clock.trusts(delayOf(index), arrival)
      })
    },
  }
}

describe('createSenderClock', () => {
  it('trusts a clock by which pictures come in within half a second', () => {
    const { feed, changes } = watch()
    expect(feed(100, (index) => 80 + (index % 7) * 20)).toEqual(Array(100).fill(true))
    expect(changes).toEqual([{ used: true, delayMs: 80 }])
  })

  it('keeps its trust through a stall of the network', () => {
    const { feed, changes } = watch()
    feed(100, () => 80)
    expect(feed(200, (index) => (index < 125 ? 5080 - index * 40 : 80))).toEqual(Array(200).fill(true))
    expect(changes).toHaveLength(1)
  })

  it.each([
    ['minutes behind', 180_000],
    ['two seconds behind', 2080],
    ['a hair too far behind', 501],
    ['in 1970', epoch],
    ['ahead', -500],
    ['a hair too far ahead', -51],
  ])('does not trust a clock that is %s', (_name, delayMs) => {
    const { feed, changes } = watch()
    expect(feed(50, () => delayMs)).toEqual(Array(50).fill(false))
    expect(changes).toEqual([{ used: false, delayMs }])
  })

  it('loses trust at once when pictures come in before they were taken', () => {
    const { feed, changes } = watch()
    feed(100, () => 80)
    expect(feed(3, () => -200)).toEqual([false, false, false])
    expect(changes.map(({ used }) => used)).toEqual([true, false])
  })

  it('loses trust when all pictures seem to come in late, and not before the recent past says so', () => {
    const { feed } = watch()
    feed(100, () => 80)
    const trust = feed(1000, () => 3080)
    expect(trust[0]).toBe(true)
    expect(trust.at(-1)).toBe(false)
  })

  it('trusts a clock that was set right, after half a minute', () => {
    const { feed, changes } = watch()
    feed(100, () => -5000)
    const trust = feed(2000, () => 80)
    expect(trust[0]).toBe(false)
    expect(trust.at(-1)).toBe(true)
    expect(trust.indexOf(true)).toBeGreaterThan(700)
    expect(changes.map(({ used }) => used)).toEqual([false, true])
  })

  it('does as it is told', () => {
    expect(watch('sender').feed(3, () => 1e9)).toEqual([true, true, true])
    expect(watch('arrival').feed(3, () => 80)).toEqual([false, false, false])
  })
})
