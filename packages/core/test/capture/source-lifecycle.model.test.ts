import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextSourceState, type SourceTransition, sourceTransitions } from '../../src/capture/source-lifecycle.js'
import { SnapmintError } from '../../src/errors/snapmint-error.js'
import type { SourceState } from '../../src/observe/pipeline-events.js'
import { captureInline, forever, scriptedSource, still } from './support/inline-capture.js'

type Fate = 'frames' | 'silent' | 'throws' | 'throwsLate' | 'ends' | 'endsAtOnce' | 'deaf' | 'fatal' | 'rejected'

/** What the table says must follow from each event. */
const transitionOf = {
  'source:started': 'frame',
  'source:restarting': 'retry',
  'source:ended': 'end',
  'source:failed': 'fail',
} as const

const terminal: readonly SourceState[] = ['ended', 'failed', 'stopped']

describe('the life of a source', () => {
  it('has no way out of ended, failed and stopped', () => {
    for (const state of terminal) expect(sourceTransitions[state]).toEqual({})
    const transitions: SourceTransition[] = ['start', 'frame', 'retry', 'end', 'fail', 'stop']
    for (const transition of transitions) expect(nextSourceState('failed', transition)).toBe('failed')
  })

  it('follows the table, whatever the source does and whenever it is stopped', async () => {
    const fate = fc.constantFrom<Fate>(
      'frames',
      'silent',
      'throws',
      'throwsLate',
      'ends',
      'endsAtOnce',
      'deaf',
      'fatal',
      'rejected',
    )
    const plan = fc.record({
      fates: fc.array(fate, { minLength: 1, maxLength: 6 }),
      finite: fc.boolean(),
      stopAfterMs: fc.integer({ min: 0, max: 12_000 }),
    })
    await fc.assert(
      fc.asyncProperty(plan, async ({ fates, finite, stopAfterMs }) => {
        const source = scriptedSource(
          async function* ({ now, signal }, run) {
            const what = fates[(run - 1) % fates.length]!
            if (what === 'endsAtOnce') return
            if (what === 'throws') throw new Error('at once')
            if (what === 'fatal') throw new SnapmintError('SNAPMINT_SOURCE_NOT_FOUND', 'no such thing')
            if (what === 'silent') await forever(signal)
            if (what === 'deaf') await forever()
            yield still(what === 'rejected' ? Number.NaN : now())
            if (what === 'throwsLate') throw new Error('late')
            if (what !== 'ends') await forever(signal)
          },
          { finite },
        )
        const { capture, timers, told, stop, pushed } = captureInline(source, { stallMs: 1000 })
        for (let ms = 0; ms < stopAfterMs; ms += 500) await timers.advance(500)
        await stop()

        // Replay what was told against the table.
        let state: SourceState = 'starting'
        let started = 0
        for (const [name, payload] of told) {
          if (!(name in transitionOf)) continue
          // The next run begins without an event.
          if (state === 'restarting') state = nextSourceState(state, 'start')
          const transition = transitionOf[name as keyof typeof transitionOf]
          expect(sourceTransitions[state]).toHaveProperty(transition)
          state = nextSourceState(state, transition)
          if (name === 'source:started') started++
          if ('run' in payload) expect(payload.run).toBeLessThanOrEqual(capture.figures().run)
        }
        expect(capture.state()).toBe(nextSourceState(state, 'stop'))
        expect(terminal).toContain(capture.state())
        const { run, restarts, accepted, rejected } = capture.figures()
        expect(accepted).toBe(pushed())
        expect(accepted).toBe(started)
        expect(restarts).toBe(told.filter(([name]) => name === 'source:restarting').length)
        expect(run === restarts || run === restarts + 1).toBe(true)
        const told2 = told.flatMap(([name, payload]) => (name === 'frame:rejected' && 'count' in payload ? [payload.count] : []))
        expect(told2.reduce((sum, count) => sum + count, 0)).toBe(rejected)
        expect(timers.pending).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
