import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FrameSource } from '@snapmint/core/adapter'
import { expectIdentity } from '../../runner/identity-rule.js'
import { grownKinds, lastingGrowth, takeCensus } from '../../runner/resource-census.js'
import type { Rule } from '../../runner/rule.js'
import { nextFrame, untilEnd } from '../source-run.js'
import type { SourceTest } from '../source-test.js'

/** So many times each thing is done that might leave something behind: the census asks for that growth. */
const repetitions = 4

/** What has grown by less may be the runner's. */
const threshold = repetitions - 1

/** What holds before a run. */
export const constructionRules: readonly Rule<SourceTest>[] = [
  {
    title: 'declares specVersion 1 and the short name of its adapter',
    async check({ create }) {
      const source = await create()
      expectIdentity(source)
      assert.equal(typeof source.frames, 'function', '`frames` must be a function that returns an async iterable')
    },
  },
  {
    title: 'opens nothing before the first next()',
    async check({ create, open, settings: { inUse, capabilities } }) {
      const before = await takeCensus()
      for (let count = 0; count < repetitions; count += 1) {
        const run = open(await create())
        await sleep(10)
        assert.equal(
          run.contextCalls(),
          0,
          'now() or allocate() was called before the first next(): the run starts there, not in frames()',
        )
        assert.ok(!(await inUse?.()), 'The device is open before the first next(): factories and frames() open nothing')
      }
      const grown = capabilities.resources ? grownKinds(before, threshold) : []
      assert.ok(
        grown.length === 0,
        `${repetitions} sources that nobody read from keep the process alive (${grown.join(', ')}): open nothing before the first next()`,
      )
    },
  },
]

/** For sources that core can start again. */
export const restartRules: readonly Rule<SourceTest>[] = [
  {
    title: 'runs again after a run has ended',
    async check({ create, open, within }) {
      const source = await create()
      const first = open(source)
      await nextFrame(first, within, '1.')
      await first.close()
      await nextFrame(open(source), within, 'second run’s 1.')
    },
  },
  {
    title: 'stamps the frames of a later run after those of an earlier one',
    async check({ create, open, within }) {
      const source = await create()
      const first = open(source)
      await nextFrame(first, within, '1.')
      const earlier = (await nextFrame(first, within, '2.')).captureTime
      await first.close()
      // A device's clock may count whole milliseconds; core never restarts sooner.
      await sleep(20)
      const later = (await nextFrame(open(source), within, 'second run’s 1.')).captureTime
      assert.ok(
        !(later <= earlier),
        `A second run began with captureTime ${later}, after a first one that had reached ${earlier}: time goes on between runs`,
      )
    },
  },
]

/** For sources in whose tests nothing else opens sockets and timers. */
export const resourceRules: readonly Rule<SourceTest>[] = [
  {
    title: 'leaves no timer, socket or process alive when a run has ended',
    async check({ create, open, within, settings: { endWithinMs } }) {
      const runOnce = async (end: 'abort' | 'return') => {
        const run = open(await create())
        await nextFrame(run, within, '1.')
        if (end === 'return') await run.iterator.return?.()
        await run.close()
      }
      // The first run may open what all share: a connection pool, a thread pool.
      await runOnce('abort')
      const before = await takeCensus()
      for (let count = 0; count < repetitions; count += 1) await runOnce(count % 2 === 0 ? 'abort' : 'return')
      const grown = await lastingGrowth(before, threshold, endWithinMs)
      assert.ok(
        grown.length === 0,
        `${repetitions} runs that have ended keep the process alive (${grown.join(', ')}): release everything at the end of a run`,
      )
    },
  },
]

function expectFinite(source: FrameSource, finite: boolean): void {
  assert.equal(
    source.finite === true,
    finite,
    finite
      ? 'The source does not say `finite: true`: core would take its end for a failure and restart it'
      : 'The source says `finite: true`: declare the capability `finite`',
  )
}

export const finiteRules: readonly Rule<SourceTest>[] = [
  {
    title: 'says that it is finite, and ends by itself',
    async check({ create, open, settings: { timeoutMs } }) {
      const source = await create()
      expectFinite(source, true)
      const { how, framesRead } = await untilEnd(open(source), { why: 'by itself', endWithinMs: timeoutMs })
      assert.equal(how, 'done', 'The run of a finite source must end, not throw')
      assert.ok(framesRead > 0, 'The run ended without a frame')
    },
  },
]

export const endlessRules: readonly Rule<SourceTest>[] = [
  {
    title: 'does not say that it is finite',
    async check({ create }) {
      expectFinite(await create(), false)
    },
  },
]
