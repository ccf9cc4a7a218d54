import { execFile } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import {
  clockVersion,
  createClock,
  createClockFrom,
  openClock,
  readClockLine,
  replaceClockLine,
} from '../../src/time/pipeline-clock.js'

describe('the pipeline clock', () => {
  it('starts at the wall clock', () => {
    const before = Date.now()
    const now = openClock(createClock()).now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now() + 1)
  })

  it('follows the monotonic clock, finer than a millisecond', () => {
    let at = 5_000_000n
    const monotonic = () => at
    const clock = openClock(createClock({ wall: () => 1_700_000_000_000, monotonic }), { monotonic })
    const first = clock.now()
    at += 250_000n
    expect(clock.now() - first).toBeCloseTo(0.25, 3)
  })

  it('is one clock for all that open it', () => {
    let at = 0n
    const monotonic = () => at
    const handle = createClock({ wall: () => 1_700_000_000_000, monotonic })
    const [one, other] = [openClock(handle, { monotonic }), openClock(handle, { monotonic })]
    at = 7_000_000_000n
    replaceClockLine(handle, { monotonicNs: at, epochNs: 1_800_000_000_000_000_000n, slewNs: 0n, slewDurationNs: 0n })
    expect([one.now(), other.now()]).toEqual([1_800_000_000_000, 1_800_000_000_000])
  })

  it('slews to the end and no further', () => {
    let at = 0n
    const monotonic = () => at
    const handle = createClockFrom({ monotonicNs: 0n, epochNs: 0n, slewNs: -1_000_000n, slewDurationNs: 20_000_000n })
    const clock = openClock(handle, { monotonic })
    at = 10_000_000n
    expect(clock.now()).toBe(9.5)
    at = 20_000_000n
    expect(clock.now()).toBe(19)
    at = 60_000_000_000n
    expect(clock.now()).toBe(59_999)
  })

  it('does not run backwards for an opener, even if the line does', () => {
    const handle = createClockFrom({ monotonicNs: 0n, epochNs: 10_000_000n, slewNs: 0n, slewDurationNs: 0n })
    const clock = openClock(handle, { monotonic: () => 0n })
    expect(clock.now()).toBe(10)
    replaceClockLine(handle, { monotonicNs: 0n, epochNs: 9_000_000n, slewNs: 0n, slewDurationNs: 0n })
    expect(clock.now()).toBe(10)
  })

  it('tells by its version that the line was replaced', () => {
    const handle = createClock()
    const before = clockVersion(handle)
    replaceClockLine(handle, readClockLine(handle))
    expect(clockVersion(handle)).not.toBe(before)
  })

  it('stands on a monotonic clock that threads and processes have in common', async () => {
    const inWorker = await bracketed((reply) => {
      const code = "require('worker_threads').parentPort.postMessage(process.hrtime.bigint())"
      new Worker(code, { eval: true }).once('message', reply)
    })
    const inChild = await bracketed((reply) => {
      execFile(process.execPath, ['-p', 'String(process.hrtime.bigint())'], (_error, stdout) => reply(BigInt(stdout.trim())))
    })
    expect([inWorker, inChild]).toEqual([true, true])
  })
})

/** Whether what the other side read lies between two readings of this side. */
async function bracketed(ask: (reply: (reading: bigint) => void) => void): Promise<boolean> {
  const before = process.hrtime.bigint()
  const reading = await new Promise<bigint>(ask)
  return reading > before && reading < process.hrtime.bigint()
}
