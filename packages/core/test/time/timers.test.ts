import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemTimers } from '../../src/time/timers.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('systemTimers.every', () => {
  it('calls all that wait for the same interval in one waking, and the first time within it', () => {
    const calls: string[] = []
    const stopFirst = systemTimers.every(1000, () => calls.push('first'))
    vi.advanceTimersByTime(700)
    const stopSecond = systemTimers.every(1000, () => calls.push('second'))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(300)
    expect(calls).toEqual(['first', 'second'])
    vi.advanceTimersByTime(1000)
    expect(calls).toEqual(['first', 'second', 'first', 'second'])
    stopFirst()
    vi.advanceTimersByTime(1000)
    expect(calls.slice(4)).toEqual(['second'])
    stopSecond()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps other intervals apart, and the same function given twice', () => {
    let calls = 0
    const count = () => {
      calls += 1
    }
    const stops = [systemTimers.every(100, count), systemTimers.every(100, count), systemTimers.every(250, count)]
    vi.advanceTimersByTime(500)
    expect(calls).toBe(12)
    stops[0]?.()
    stops[0]?.()
    vi.advanceTimersByTime(100)
    expect(calls).toBe(13)
    for (const stop of stops) stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not call what another one has stopped in the same waking', () => {
    const calls: string[] = []
    const stopFirst = systemTimers.every(100, () => {
      calls.push('first')
      stopSecond()
    })
    const stopSecond = systemTimers.every(100, () => calls.push('second'))
    vi.advanceTimersByTime(300)
    stopFirst()
    expect(calls).toEqual(['first', 'first', 'first'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
