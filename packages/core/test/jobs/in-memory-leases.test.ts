import { describe, expect, it } from 'vitest'
import { inMemoryLeases } from '../../src/jobs/in-memory-leases.js'

function createLeases() {
  const time = { now: 1_000 }
  return { time, leases: inMemoryLeases({ clock: () => time.now }) }
}

describe('inMemoryLeases', () => {
  it('hands out an id once while its lease lasts', () => {
    const { leases, time } = createLeases()
    expect(leases.take('a', 100)).toMatchObject({ id: 'a', attempt: 1, expiresAt: 1_100 })
    time.now = 1_099
    expect(leases.take('a', 100)).toBeUndefined()
    expect(leases.takeExpired(10, 100)).toEqual([])
  })

  it('hands out an id again, with another token and attempt, when its lease has ended', () => {
    const { leases, time } = createLeases()
    const first = leases.take('a', 100)!
    time.now = 1_100
    const second = leases.take('a', 100)!
    expect(second.attempt).toBe(2)
    expect(second.token).not.toBe(first.token)
    expect(leases.extend([first.token, second.token], 100)).toEqual([first.token])
    expect(leases.settle(first.token)).toBeUndefined()
    expect(leases.settle(second.token)).toBe('a')
  })

  it('lets the holder extend and settle a lease that has ended but that nobody has taken', () => {
    const { leases, time } = createLeases()
    const { token } = leases.take('a', 100)!
    time.now = 5_000
    expect(leases.extend([token], 100)).toEqual([])
    expect(leases.takeExpired(1, 100)).toEqual([])
    time.now = 9_000
    expect(leases.settle(token)).toBe('a')
  })

  it('hands out what has ended in the order in which it was given, whatever the lengths', () => {
    const { leases, time } = createLeases()
    for (const [id, leaseMs] of [
      ['a', 100],
      ['b', 500],
      ['c', 100],
      ['d', 20],
    ] as const)
      leases.take(id, leaseMs)
    time.now = 1_200
    expect(leases.takeExpired(2, 1_000).map(({ id }) => id)).toEqual(['a', 'c'])
    expect(leases.takeExpired(9, 1_000).map(({ id }) => id)).toEqual(['d'])
  })

  it('keeps the attempts of a released id, and gives an untried one back', () => {
    const { leases } = createLeases()
    leases.release(leases.take('a', 100)!.token)
    const second = leases.take('a', 100)!
    expect(second.attempt).toBe(2)
    leases.release(second.token, { untried: true })
    expect(leases.take('a', 100)!.attempt).toBe(2)
  })

  it('remembers nothing of what is settled or forgotten', () => {
    const { leases } = createLeases()
    leases.settle(leases.take('a', 100)!.token)
    const { token } = leases.take('b', 100)!
    leases.forget('b')
    leases.release(leases.take('c', 100)!.token)
    leases.forget('c')
    expect(leases.extend([token], 100)).toEqual([token])
    expect([leases.held, leases.remembered]).toEqual([0, 0])
  })

  it('takes 100,000 ids through claim, extension, expiry and settlement', () => {
    const { leases, time } = createLeases()
    const tokens = Array.from({ length: 100_000 }, (_, index) => leases.take(`job-${index}`, 1_000)!.token)
    expect(leases.extend(tokens, 1_000)).toEqual([])
    time.now += 1_000
    let again = 0
    for (;;) {
      const batch = leases.takeExpired(100, 60_000)
      if (batch.length === 0) break
      again += batch.length
      for (const { token } of batch) leases.settle(token)
    }
    expect(again).toBe(100_000)
    expect(leases.remembered).toBe(0)
  })

  it('refuses lease lengths that are no duration, and options it does not know', () => {
    const { leases } = createLeases()
    for (const leaseMs of [0, -1, Number.NaN]) expect(() => leases.take('a', leaseMs)).toThrow(RangeError)
    expect(() => inMemoryLeases({ clocks: Date.now } as never)).toThrow('Unknown option `clocks`')
  })
})
