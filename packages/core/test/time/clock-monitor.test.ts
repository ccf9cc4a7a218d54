import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClockEvents } from '../../src/observe/pipeline-events.js'
import { startClockMonitor } from '../../src/time/clock-monitor.js'
import { createClock, openClock } from '../../src/time/pipeline-clock.js'

const epoch = 1_700_000_000_000

/** A machine whose clocks a test sets. The wall clock has whole milliseconds, like the real one. */
function createMachine() {
  let monotonicNs = 1_000_000_000n
  let offsetMs = 0
  const wall = () => Math.floor(epoch + Number(monotonicNs) / 1e6 + offsetMs)
  const monotonic = () => monotonicNs
  const events: ClockEvents['clock:stepped'][] = []
  let tick = () => {}
  const clock = createClock({ wall, monotonic })
  const reader = openClock(clock, { monotonic })
  const monitor = startClockMonitor({
    clock,
    wall,
    monotonic,
    emit: (_event, payload) => events.push(payload),
    timers: {
      every(_ms, callback) {
        tick = callback
        return () => {
          tick = () => {}
        }
      },
    },
  })
  return {
    monitor,
    events,
    now: reader.now,
    /** The exact difference; `errorMs` rounds. */
    error: () => reader.now() - (epoch + Number(monotonicNs) / 1e6 + offsetMs),
    step(ms: number) {
      offsetMs += ms
    },
    /** Lets time pass without a comparison. */
    pass(ms: number) {
      monotonicNs += BigInt(Math.round(ms * 1e6))
    },
    /** Seconds of normal operation; the wall clock drifts by so many ppm. */
    run(seconds: number, driftPpm = 0) {
      for (let second = 0; second < seconds; second++) {
        monotonicNs += 1_000_000_000n
        offsetMs += driftPpm / 1000
        tick()
      }
    },
  }
}

describe('the clock monitor', () => {
  it('takes a forward step over at once and tells it', () => {
    const machine = createMachine()
    machine.run(3)
    machine.step(5000)
    machine.run(1)
    expect(Math.abs(machine.error())).toBeLessThan(1)
    expect(machine.events).toHaveLength(1)
    expect(machine.events[0]).toMatchObject({ action: 'adopted' })
    expect(machine.events[0]!.stepMs).toBeCloseTo(5000, -1)
  })

  it('takes a machine that was suspended for a forward step', () => {
    const machine = createMachine()
    machine.run(1)
    machine.step(3_600_000)
    machine.run(2)
    expect(Math.abs(machine.error())).toBeLessThan(1)
    expect(machine.events.map(({ action }) => action)).toEqual(['adopted'])
  })

  it('goes on at 95 % after a backward step until the wall clock has come up with it', () => {
    const machine = createMachine()
    machine.run(1)
    machine.step(-2000)
    machine.run(1)
    const from = machine.now()
    machine.pass(1000)
    expect(machine.now() - from).toBeCloseTo(950, 3)
    machine.run(100)
    expect(Math.abs(machine.error())).toBeLessThan(2)
    expect(machine.events).toHaveLength(1)
    expect(machine.events[0]).toMatchObject({ action: 'slewing' })
    expect(machine.events[0]!.stepMs).toBeCloseTo(-2000, -1)
  })

  it('does not overshoot when nobody compares for a long time', () => {
    const machine = createMachine()
    machine.step(-100)
    machine.run(1)
    machine.pass(600_000)
    expect(Math.abs(machine.error())).toBeLessThan(2)
  })

  it('follows a drift without any event, at 500 ppm at most', () => {
    const machine = createMachine()
    for (let minute = 0; minute < 20; minute++) {
      machine.run(59, 200)
      const from = machine.now()
      machine.run(1, 200)
      expect(Math.abs(machine.now() - from - 1000)).toBeLessThanOrEqual(0.501)
      expect(Math.abs(machine.error())).toBeLessThan(4)
    }
    expect(machine.events).toEqual([])
  })

  it('leaves the noise of a clock with whole milliseconds alone', () => {
    const machine = createMachine()
    for (let second = 0; second < 100; second++) {
      machine.pass((second * 0.37) % 1)
      machine.run(1)
    }
    const from = machine.now()
    machine.pass(1000)
    expect(machine.now() - from).toBeCloseTo(1000, 6)
    expect(machine.events).toEqual([])
  })

  it('adopts a forward step in the midst of a slew only when the wall clock has passed it', () => {
    const machine = createMachine()
    machine.step(-1000)
    machine.run(1)
    machine.step(400)
    machine.run(1)
    expect(machine.error()).toBeGreaterThan(400)
    machine.step(5000)
    machine.run(1)
    expect(Math.abs(machine.error())).toBeLessThan(1)
    expect(machine.events.map(({ action }) => action)).toEqual(['slewing', 'slewing', 'adopted'])
  })

  it('says by how much the clock is ahead of the wall clock', () => {
    const machine = createMachine()
    expect(Math.abs(machine.monitor.errorMs())).toBeLessThan(1)
    machine.step(-300)
    expect(Math.abs(machine.monitor.errorMs() - 300)).toBeLessThan(1)
  })

  it('compares no more once it is stopped', () => {
    const machine = createMachine()
    machine.monitor.stop()
    machine.step(5000)
    machine.run(3)
    expect(machine.error()).toBeLessThan(-4990)
  })

  it('throws away readings between which the thread was interrupted', () => {
    let at = 0n
    const events: unknown[] = []
    const clock = createClock({ wall: () => epoch, monotonic: () => 0n })
    const monitor = startClockMonitor({
      clock,
      wall: () => epoch + 70,
      monotonic: () => (at += 20_000_000n),
      emit: (_event, payload) => events.push(payload),
      timers: { every: () => () => {} },
    })
    monitor.check()
    expect(events).toEqual([])
  })

  it('never runs backwards nor faster than it may, whatever the wall clock does, and comes to agree with it', () => {
    const action = fc.oneof(
      fc.record({ step: fc.double({ min: -200_000, max: 200_000, noNaN: true }) }),
      fc.record({ step: fc.double({ min: -60, max: 60, noNaN: true }) }),
      fc.record({ pass: fc.double({ min: 0, max: 30_000, noNaN: true }) }),
      fc.record({ run: fc.integer({ min: 1, max: 30 }), drift: fc.integer({ min: -300, max: 300 }) }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const machine = createMachine()
        let last = machine.now()
        const look = () => {
          const now = machine.now()
          expect(now).toBeGreaterThanOrEqual(last)
          last = now
        }
        for (const one of actions) {
          if ('step' in one) machine.step(one.step)
          else if ('pass' in one) {
            machine.pass(one.pass)
            // Nothing jumps while nobody compares: the rate is between 0.95 and 1.0005.
            const moved = machine.now() - last
            expect(moved).toBeGreaterThanOrEqual(one.pass * 0.95 - 0.01)
            expect(moved).toBeLessThanOrEqual(one.pass * 1.0005 + 0.01)
          } else machine.run(one.run, one.drift)
          look()
        }
        machine.run(1)
        machine.pass(20 * Math.max(0, machine.error()) + 200_000)
        machine.run(1)
        machine.pass(200_000)
        expect(Math.abs(machine.error())).toBeLessThan(3)
      }),
    )
  })
})
