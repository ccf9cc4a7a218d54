import { describe, expect, it } from 'vitest'
import { createUnitDating, type UnitTimes } from '../../src/time/unit-dating.js'

const epoch = 1_795_000_000_000
const interval = 40

function start({ clock = 'auto', wallAhead = 0 }: { clock?: 'auto' | 'sender' | 'arrival'; wallAhead?: number } = {}) {
  const delivered: { id: number; captureTime: number }[] = []
  const notices: { message: string; details: Readonly<Record<string, unknown>> }[] = []
  let fire: (() => void) | undefined
  let time = epoch
  const dating = createUnitDating<{ id: number; data: Uint8Array }>({
    deliver: ({ id }, captureTime) => delivered.push({ id, captureTime }),
    now: () => time,
    wallNow: () => time + wallAhead,
    notice: (message, details) => notices.push({ message, details }),
    clock,
    label: 'rtsp://camera/',
    after(_delayMs, callback) {
      fire = callback
      return () => {
        fire = undefined
      }
    },
  })
  let id = 0
  return {
    delivered,
    notices,
    dating,
    /** The stream falls silent. */
    quiet: () => fire?.(),
    push(times: UnitTimes, byteLength = 10) {
      time = Math.max(time, times.arrival)
      dating.push({ id: id++, data: new Uint8Array(byteLength) }, times)
    },
  }
}

describe('createUnitDating', () => {
  it('dates units without a time of their own by their arrival, and holds none back', () => {
    const { push, delivered } = start()
    push({ arrival: epoch })
    push({ arrival: epoch + 33 })
    expect(delivered).toEqual([
      { id: 0, captureTime: epoch },
      { id: 1, captureTime: epoch + 33 },
    ])
  })

  it('dates what a server had in its memory by its own time', () => {
    const { push, delivered } = start()
    // Three seconds of it come within 75 ms; then the camera's own pace.
    for (let index = 0; index < 75; index++) push({ arrival: epoch + index, mediaMs: index * interval })
    const live = epoch + 75
    for (let index = 0; index < 25; index++) push({ arrival: live + index * interval, mediaMs: (75 + index) * interval })
    expect(delivered).toHaveLength(100)
    expect(delivered.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    // The last one of the memory came when it was taken; the first one is three seconds older.
    for (const { id, captureTime } of delivered) expect(captureTime - (live + (id - 75) * interval)).toBeCloseTo(0, 1)
  })

  it('waits a fifth of a second for a stream at its own pace, and no longer than a second for any', () => {
    const steady = start()
    for (let index = 0; index < 4; index++) steady.push({ arrival: epoch + index * interval, mediaMs: index * interval })
    expect(steady.delivered).toHaveLength(4)
    const rushing = start()
    for (let index = 0; index < 101; index++) rushing.push({ arrival: epoch + index * 10, mediaMs: index * interval })
    expect(rushing.delivered).toHaveLength(101)
  })

  it('delivers what it holds when nothing more comes, and at the end', () => {
    const slow = start()
    slow.push({ arrival: epoch, mediaMs: 0 })
    expect(slow.delivered).toEqual([])
    slow.quiet()
    expect(slow.delivered).toEqual([{ id: 0, captureTime: epoch }])
    const short = start()
    short.push({ arrival: epoch, mediaMs: 0 })
    short.dating.end()
    short.dating.end()
    expect(short.delivered).toHaveLength(1)
  })

  it('holds a bounded number of bytes', () => {
    const { push, delivered } = start()
    for (let index = 0; index < 40; index++) push({ arrival: epoch, mediaMs: index * interval }, 2 ** 20)
    expect(delivered.length).toBeGreaterThanOrEqual(33)
  })

  it("uses the sender's clock where pictures come in a little after they were taken, on the pipeline's clock", () => {
    const { push, delivered, notices } = start({ wallAhead: 5000 })
    for (let index = 0; index < 10; index++) {
      const taken = epoch + index * interval
      push({ arrival: taken + 120 + (index % 3) * 9, mediaMs: index * interval, senderTime: taken + 5000 })
    }
    for (const { id, captureTime } of delivered) expect(captureTime).toBeCloseTo(epoch + id * interval, 3)
    expect(notices).toHaveLength(1)
    expect(notices[0]?.details).toEqual({ clock: 'sender', delayMs: 120 })
  })

  it("does not use a sender's clock that is off, and says so once", () => {
    const { push, delivered, notices } = start()
    for (let index = 0; index < 100; index++) {
      const taken = epoch + index * interval
      push({ arrival: taken + 100, mediaMs: index * interval, senderTime: taken - 3_600_000 })
    }
    for (const { id, captureTime } of delivered) expect(captureTime).toBeCloseTo(epoch + 100 + id * interval, 3)
    expect(notices.map(({ details }) => details.clock)).toEqual(['arrival'])
    expect(notices[0]?.message).toContain('NTP')
  })

  it("glides onto the sender's clock when its first report comes late", () => {
    const { push, delivered } = start()
    for (let index = 0; index < 400; index++) {
      const taken = epoch + index * interval
      push({ arrival: taken + 200, mediaMs: index * interval, ...(index >= 100 && { senderTime: taken }) })
    }
    for (let index = 1; index < 400; index++) {
      const step = (delivered[index]?.captureTime ?? 0) - (delivered[index - 1]?.captureTime ?? 0)
      expect(step).toBeGreaterThan(interval * 0.94)
      expect(step).toBeLessThan(interval * 1.06)
    }
    expect(delivered.at(-1)?.captureTime).toBeCloseTo(epoch + 399 * interval, 3)
  })

  it('never dates a unit after its arrival, nor not after the one before', () => {
    const { push, delivered } = start({ clock: 'sender' })
    for (let index = 0; index < 50; index++) {
      const arrival = epoch + index * interval
      push({ arrival, mediaMs: index * interval, senderTime: arrival + (index % 2 === 0 ? 700 : -90) })
    }
    let last = 0
    for (const { id, captureTime } of delivered) {
      expect(captureTime).toBeGreaterThan(last)
      expect(captureTime).toBeLessThanOrEqual(epoch + id * interval + 0.01 * 50)
      last = captureTime
    }
  })

  it('tells of a clock that jumped, at most every ten seconds', () => {
    const { push, notices } = start({ clock: 'arrival' })
    for (let index = 0; index < 500; index++) {
      const jump = Math.floor(index / 50) * 60_000
      push({ arrival: epoch + index * interval, mediaMs: index * interval - jump })
    }
    expect(notices).toHaveLength(2)
    expect(notices[0]?.details.stepMs).toBeCloseTo(60_000, 3)
  })
})
