import { describe, expect, it } from 'vitest'
import { childArguments } from '../../src/capture/child-arguments.js'
import { createFrozenDetector } from '../../src/capture/frozen-detector.js'
import { startStallWatchdog } from '../../src/capture/stall-watchdog.js'
import { startWorkerGuard } from '../../src/capture/worker-guard.js'
import { createVirtualTimers } from '../time/support/virtual-timers.js'
import { still } from './support/inline-capture.js'

function watchdog(limitMs: number) {
  const timers = createVirtualTimers()
  let stalls = 0
  return { timers, dog: startStallWatchdog(limitMs, timers, () => stalls++), stalls: () => stalls }
}

describe('the stall watchdog', () => {
  it('barks once, when it was not fed for the whole time', async () => {
    const { timers, dog, stalls } = watchdog(1000)
    await timers.advance(900)
    dog.feed()
    await timers.advance(999)
    expect(stalls()).toBe(0)
    await timers.advance(5000)
    expect([stalls(), timers.pending]).toEqual([1, 0])
  })

  it('gives a thread that was blocked the time to read what has come meanwhile', async () => {
    const { timers, dog, stalls } = watchdog(1000)
    await timers.advance(100)
    timers.block(3000)
    await timers.advance(500)
    expect(stalls()).toBe(0)
    dog.feed()
    await timers.advance(900)
    expect(stalls()).toBe(0)
    await timers.advance(2000)
    expect(stalls()).toBe(1)
  })

  it('does not wait for ever on a thread that is always late', async () => {
    const { timers, stalls } = watchdog(1000)
    for (let round = 0; round < 20 && stalls() === 0; round++) {
      timers.block(2000)
      await timers.advance(0)
    }
    expect(stalls()).toBe(1)
  })

  it('is silent once stopped', async () => {
    const { timers, dog, stalls } = watchdog(1000)
    dog.stop()
    await timers.advance(5000)
    expect([stalls(), timers.pending]).toEqual([0, 0])
  })
})

function guard(stallMs: number) {
  const timers = createVirtualTimers()
  const silences: number[] = []
  let beats = 0
  const stop = startWorkerGuard({ heartbeat: () => beats, stallMs, timers, onUnresponsive: (ms) => silences.push(ms) })
  return { timers, stop, silences, beat: () => beats++ }
}

describe('the guard of a worker', () => {
  it.each([
    [100, 5000],
    [8000, 8000],
  ])('with a stall time of %d ms believes a silence of %d ms', async (stallMs, limitMs) => {
    const { timers, silences } = guard(stallMs)
    await timers.advance(limitMs - 1)
    expect(silences).toEqual([])
    await timers.advance(60_000)
    expect(silences).toEqual([limitMs])
  })

  it('is content with a heart that beats', async () => {
    const { timers, silences, beat } = guard(100)
    for (let second = 0; second < 100; second++) {
      await timers.advance(1000)
      beat()
    }
    expect(silences).toEqual([])
  })

  it('does not blame the worker for the time in which its own thread was blocked', async () => {
    const { timers, silences, beat } = guard(100)
    await timers.advance(4000)
    timers.block(60_000)
    await timers.advance(0)
    expect(silences).toEqual([])
    beat()
    await timers.advance(4900)
    expect(silences).toEqual([])
    await timers.advance(5000)
    expect(silences).toHaveLength(1)
  })

  it('is silent once stopped', async () => {
    const { timers, stop, silences } = guard(100)
    stop()
    await timers.advance(60_000)
    expect([silences.length, timers.pending]).toEqual([0, 0])
  })
})

describe('a frozen picture', () => {
  it('is told once until it changes, and again when it freezes again', () => {
    const told: number[] = []
    const detector = createFrozenDetector(1000, (ms) => told.push(ms))
    for (let ms = 0; ms <= 3000; ms += 100) detector.observe(still(ms))
    expect(told).toEqual([1000])
    detector.observe(still(3100, 7))
    for (let ms = 3200; ms <= 4100; ms += 100) detector.observe(still(ms, 7))
    expect(told).toEqual([1000, 1000])
  })

  it('is none when a single byte differs, or the length', () => {
    const told: number[] = []
    const detector = createFrozenDetector(1000, (ms) => told.push(ms))
    for (let count = 0; count < 100; count++) detector.observe(still(count * 100, count))
    for (let count = 0; count < 100; count++)
      detector.observe({ ...still(20_000 + count * 100), data: new Uint8Array(1 + (count % 2)) })
    expect(told).toEqual([])
  })

  it('does not keep the bytes that it looked at', () => {
    const told: number[] = []
    const detector = createFrozenDetector(1000, (ms) => told.push(ms))
    const data = new Uint8Array(4)
    for (let count = 0; count < 50; count++) detector.observe({ ...still(count * 100), data: data.fill(count) })
    expect(told).toEqual([])
  })

  it('is not looked for in video', () => {
    const told: number[] = []
    const detector = createFrozenDetector(1000, (ms) => told.push(ms))
    for (let count = 0; count < 50; count++)
      detector.observe({ codec: 'avc1', type: 'delta', captureTime: count * 100, data: new Uint8Array(4) })
    expect(told).toEqual([])
  })
})

describe('the flags of a forked child', () => {
  it('are those of the parent without what is the parent’s own', () => {
    const flags = ['--import', 'tsx', '--max-old-space-size=64', '--conditions=dev', '--enable-source-maps']
    const own = [
      '--inspect=9229',
      '--inspect-brk',
      '--input-type=module',
      '-e',
      'code',
      '--eval',
      'code',
      '--print=1',
      '--test',
      '--watch',
    ]
    expect(childArguments([...own, ...flags])).toEqual(flags)
  })
})
