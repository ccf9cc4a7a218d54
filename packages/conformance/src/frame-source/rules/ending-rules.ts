import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { Frame } from '@snapmint/core/adapter'
import { describeThrown, isAbortOf } from '../../runner/abort-error.js'
import type { Rule } from '../../runner/rule.js'
import { createDeadline, eventually } from '../../runner/within.js'
import { nextFrame, type RunEnd, type SourceRun, untilEnd } from '../source-run.js'
import type { SourceTest } from '../source-test.js'

function expectAbort(run: SourceRun, end: RunEnd): void {
  assert.ok(
    end.how === 'done' || isAbortOf(run.signal, end.thrown),
    `An abort is no failure: end, or rethrow \`signal.reason\` untouched; this was thrown: ${end.how === 'thrown' ? describeThrown(end.thrown) : ''}`,
  )
}

async function returnRun({ iterator }: SourceRun, endWithinMs: number): Promise<void> {
  assert.equal(
    typeof iterator.return,
    'function',
    'The iterator has no return(): a reader that stops early could not release the device. An async generator has one',
  )
  const within = createDeadline(endWithinMs)
  const result = await within('return() should resolve when the device is released', Promise.resolve(iterator.return?.()))
  assert.equal(result?.done, true, 'return() must resolve to { done: true }')
}

/** How a run ends. */
export const endingRules: readonly Rule<SourceTest>[] = [
  {
    title: 'ends when the signal aborts while next() is pending',
    async check({ create, open, within, settings: { endWithinMs } }) {
      const run = open(await create())
      await nextFrame(run, within, '1.')
      const pending = run.next()
      await turn()
      run.abort()
      await untilEnd(run, { why: 'when the signal aborts while next() is pending', endWithinMs, pending })
    },
  },
  {
    title: 'ends when the signal has aborted between two frames',
    async check({ create, open, within, settings: { endWithinMs } }) {
      const run = open(await create())
      await nextFrame(run, within, '1.')
      run.abort()
      await turn()
      await untilEnd(run, { why: 'after the signal has aborted between two frames', endWithinMs })
    },
  },
  {
    title: 'yields nothing under a signal that has aborted already',
    async check({ create, open, settings: { endWithinMs, inUse } }) {
      const run = open(await create(), { aborted: true })
      const { framesRead } = await untilEnd(run, { why: 'at once: its signal had aborted before the first next()', endWithinMs })
      assert.equal(framesRead, 0, `${framesRead} frames were yielded under a signal that had aborted before the run began`)
      if (inUse)
        await eventually(async () => !(await inUse()), {
          timeoutMs: endWithinMs,
          message: () => 'The device is open after a run that had been aborted before it began',
        })
    },
  },
  {
    title: 'reports an abort by ending or by its reason, never as a failure',
    async check({ create, open, within, settings: { endWithinMs } }) {
      const run = open(await create())
      await nextFrame(run, within, '1.')
      const pending = run.next()
      await turn()
      run.abort()
      // A run that does not end has no way to report anything: another rule's matter.
      const end = await untilEnd(run, { why: '', endWithinMs, pending }).catch(() => undefined)
      if (end) expectAbort(run, end)
    },
  },
  {
    title: 'ends when return() is called, and stays ended',
    async check({ create, open, within, settings: { endWithinMs } }) {
      const run = open(await create())
      await nextFrame(run, within, '1.')
      await returnRun(run, endWithinMs)
      const after = await within('next() after return() should resolve', run.next())
      assert.equal(after.done, true, 'next() yielded a frame after return(): the run is over')
    },
  },
]

/** So many runs are aborted: what comes after one abort may have been on its way. */
const attempts = 3

/** Reads until a `next()` is left waiting. @returns its answer to come; undefined when the run ends first, or never lets its reader wait. */
async function waitingNext(run: SourceRun): Promise<{ readonly pending: Promise<IteratorResult<Frame>> } | undefined> {
  for (let count = 0; count < 50; count += 1) {
    const pending = run.next()
    const first = await Promise.race([pending, turn('waits' as const)])
    if (first === 'waits') return { pending }
    if (first.done === true) return undefined
  }
  return undefined
}

/** For sources whose captureTime tells, by the clock that the suite has, whether a frame was waited for after the abort. */
export const waitingRules: readonly Rule<SourceTest>[] = [
  {
    title: 'ends promptly when aborted while a frame is being waited for',
    async check({ create, open, within, settings: { endWithinMs } }) {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const run = open(await create())
        await nextFrame(run, within, '1.')
        const waiting = await waitingNext(run)
        if (waiting === undefined) return
        const abortedAt = run.now()
        run.abort()
        const what = 'A next() that waits for a frame should settle when the signal aborts'
        const result = await createDeadline(endWithinMs)(
          what,
          waiting.pending.catch(() => undefined),
        )
        await run.close()
        if (result === undefined || result.done === true || result.value.captureTime <= abortedAt) return
      }
      assert.fail(
        `In each of ${attempts} runs, a next() that was waiting at the abort waited on and yielded a frame captured after it: a device that sends ` +
          'nothing would hold the run for ever. Listen for the abort while waiting; to look at `signal.aborted` between frames is not enough',
      )
    },
  },
]

/** For tests that can tell whether the device is open. */
export const releaseRules: readonly Rule<SourceTest>[] = [
  {
    title: 'opens the device for a run and releases it at its end, however it ends',
    async check({ create, open, within, settings: { endWithinMs, inUse } }) {
      for (const end of ['an abort', 'return()'] as const) {
        const run = open(await create())
        await nextFrame(run, within, '1.')
        assert.ok(await inUse?.(), '`inUse` says that the device is closed while a run has just yielded: the test cannot tell')
        if (end === 'an abort') {
          run.abort()
          await untilEnd(run, { why: 'after an abort', endWithinMs })
        } else await returnRun(run, endWithinMs)
        await eventually(async () => !(await inUse?.()), {
          timeoutMs: endWithinMs,
          message: () => `The device is still open after ${end}`,
        })
      }
    },
  },
]
