import { describe, expect, it } from 'vitest'
import { createDropNotice } from '../../src/capture/drop-notice.js'
import { createRejectionReporter } from '../../src/capture/rejection-reporter.js'
import { SnapmintError } from '../../src/errors/snapmint-error.js'
import { createVirtualTimers } from '../time/support/virtual-timers.js'

const empty = new SnapmintError('SNAPMINT_FRAME_EMPTY', 'empty')
const invalid = new SnapmintError('SNAPMINT_FRAME_INVALID', 'invalid')

function create() {
  const timers = createVirtualTimers()
  const reports: [string, number][] = []
  const reporter = createRejectionReporter(timers, ({ code }, count) => reports.push([code, count]))
  return { timers, reports, reporter }
}

describe('rejected frames', () => {
  it('are told at once, then once a second and code, and the counts add up', async () => {
    const { timers, reports, reporter } = create()
    for (let frame = 0; frame < 95; frame++) {
      reporter.reject(empty)
      await timers.advance(33)
    }
    reporter.reject(invalid)
    reporter.flush()
    const emptyCounts = reports.filter(([code]) => code === empty.code).map(([, count]) => count)
    expect(emptyCounts).toHaveLength(5)
    expect(emptyCounts[0]).toBe(1)
    expect(emptyCounts.reduce((sum, count) => sum + count)).toBe(95)
    expect(reports.filter(([code]) => code === invalid.code)).toEqual([[invalid.code, 1]])
  })

  it('are told at once again after a quiet second, and no timer is left', async () => {
    const { timers, reports, reporter } = create()
    reporter.reject(empty)
    await timers.advance(1000)
    expect(timers.pending).toBe(0)
    reporter.reject(empty)
    expect(reports).toEqual([
      [empty.code, 1],
      [empty.code, 1],
    ])
  })

  it('leave no timer after the flush', () => {
    const { timers, reporter, reports } = create()
    reporter.reject(empty)
    reporter.flush()
    expect([timers.pending, reports.length]).toEqual([0, 1])
  })
})

describe('dropped frames', () => {
  it('are told at once, then once a second, and the counts add up', async () => {
    const timers = createVirtualTimers()
    const told: number[] = []
    const drops = createDropNotice(timers, (count) => told.push(count))
    drops.add(0)
    expect(told).toEqual([])
    for (let second = 0; second < 30; second++) {
      drops.add(2)
      await timers.advance(100)
    }
    drops.stop()
    expect(told[0]).toBe(2)
    expect(told.length).toBeLessThanOrEqual(5)
    expect(told.reduce((sum, count) => sum + count)).toBe(60)
    expect(timers.pending).toBe(0)
  })
})
