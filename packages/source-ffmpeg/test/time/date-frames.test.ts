import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLiveDating, createMediaDating } from '../../src/time/date-frames.js'

const epoch = 1_795_000_000_000
const hour = 3_600_000

describe('createLiveDating', () => {
  it('takes wall-clock stamps as they are when both clocks agree', () => {
    const date = createLiveDating()
    expect(date(epoch, { now: epoch + 20, wallNow: epoch + 20 })).toBe(epoch)
    expect(date(epoch + 33, { now: epoch + 90, wallNow: epoch + 90 })).toBe(epoch + 33)
  })

  it('moves stamps onto the pipeline clock when the wall clock differs from it, and when it is stepped', () => {
    const date = createLiveDating()
    expect(date(epoch + hour, { now: epoch + 20, wallNow: epoch + hour + 20 })).toBe(epoch)
    expect(date(epoch + 40 + hour, { now: epoch + 60, wallNow: epoch + hour + 60 })).toBe(epoch + 40)
    const stepped = 3 * hour
    expect(date(epoch + 80 + stepped, { now: epoch + 100, wallNow: epoch + stepped + 100 })).toBe(epoch + 80)
  })

  it('is not moved about by a wall clock that counts whole milliseconds', () => {
    const date = createLiveDating()
    const times = Array.from({ length: 100 }, (_, index) => {
      const pts = epoch + index * 33.37
      const now = pts + 10.2
      return (date(pts, { now, wallNow: Math.floor(now) }) as number) - pts
    })
    expect(Math.max(...times.slice(10)) - Math.min(...times.slice(10))).toBeLessThan(0.1)
    expect(Math.max(...times)).toBeLessThan(1)
  })

  it('discards a first frame without a wall-clock stamp', () => {
    const date = createLiveDating()
    expect(date(0, { now: epoch, wallNow: epoch })).toBeUndefined()
    expect(date(epoch + 30, { now: epoch + 40, wallNow: epoch + 40 })).toBe(epoch + 30)
  })

  it('anchors a clock of its own at the frame that was delayed least', () => {
    const date = createLiveDating()
    expect(date(0, { now: epoch, wallNow: epoch })).toBeUndefined()
    expect(date(100, { now: epoch + 150, wallNow: epoch + 150 })).toBe(epoch + 150)
    expect(date(200, { now: epoch + 210, wallNow: epoch + 210 })).toBe(epoch + 210)
    expect(date(300, { now: epoch + 390, wallNow: epoch + 390 })).toBe(epoch + 310)
  })

  it('dates a frame that has no pts by its arrival', () => {
    const date = createLiveDating()
    date(Number.NaN, { now: epoch, wallNow: epoch })
    expect(date(Number.NaN, { now: epoch + 40, wallNow: epoch + 40 })).toBe(epoch + 40)
  })

  it('never runs backwards and never ahead of the clock, whatever the stamps', () => {
    const stamp = fc.oneof(fc.double({ min: epoch - 20_000, max: epoch + 20_000, noNaN: true }), fc.double())
    const arrivals = fc.array(fc.tuple(stamp, fc.nat(100), fc.integer({ min: -hour, max: hour })), { maxLength: 50 })
    fc.assert(
      fc.property(arrivals, (frames) => {
        const date = createLiveDating()
        let now = epoch
        let last = Number.NEGATIVE_INFINITY
        frames.forEach(([pts, step, wallOffset], index) => {
          now += step
          const time = date(pts, { now, wallNow: now + wallOffset })
          if (time === undefined) return
          expect(time).toBeGreaterThan(last)
          expect(time).toBeLessThanOrEqual(now + 0.02 * (index + 1))
          last = time
        })
      }),
    )
  })
})

describe('createMediaDating', () => {
  it('spaces frames as in the recording, from the arrival of the first one', () => {
    const slips: number[] = []
    const date = createMediaDating((lateMs) => slips.push(lateMs))
    expect(date(0, epoch)).toBe(epoch)
    expect(date(40, epoch + 1)).toBe(epoch + 40)
    expect(date(80, epoch + 1500)).toBe(epoch + 80)
    expect(slips).toEqual([])
  })

  it('goes on from now when it fell behind by more than five seconds', () => {
    const slips: number[] = []
    const date = createMediaDating((lateMs) => slips.push(lateMs))
    date(0, epoch)
    expect(date(40, epoch + 8040)).toBe(epoch + 8040)
    expect(date(80, epoch + 8041)).toBe(epoch + 8080)
    expect(slips).toEqual([8000])
  })

  it('never runs backwards', () => {
    const date = createMediaDating(() => {})
    const first = date(100, epoch)
    expect(date(100, epoch)).toBeGreaterThan(first)
    expect(date(0, epoch)).toBeGreaterThan(first)
  })
})
