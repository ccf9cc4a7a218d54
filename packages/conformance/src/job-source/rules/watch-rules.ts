import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { abortReason, describeThrown } from '../../runner/abort-error.js'
import type { Rule } from '../../runner/rule.js'
import type { JobTest } from '../job-test.js'
import { done } from '../outcomes.js'

interface Watcher {
  readonly ended: Promise<void>
  wakes(): number
  /** Resolves when `onAvailable` is called after this call. */
  nextWake(): Promise<void>
  stop(): void
}

function startWatch({ jobs }: JobTest, aborted = false): Watcher {
  const controller = new AbortController()
  if (aborted) controller.abort(abortReason())
  let wakes = 0
  let wake: () => void = () => {}
  const onAvailable = () => {
    wakes += 1
    wake()
  }
  const ended = Promise.resolve(jobs.watch!(onAvailable, { signal: controller.signal }))
  ended.catch(() => {})
  return {
    ended,
    wakes: () => wakes,
    nextWake: () =>
      new Promise((resolve) => {
        wake = resolve
      }),
    stop: () => controller.abort(abortReason()),
  }
}

async function expectResolved(test: JobTest, { ended }: Watcher, when: string): Promise<void> {
  await test.within(`watch() should resolve ${when}`, ended).catch((thrown: unknown) => {
    if (thrown instanceof assert.AssertionError) throw thrown
    assert.fail(
      `watch() must resolve ${when}; it rejected with ${describeThrown(thrown)}, which core takes for a broken listener`,
    )
  })
}

/** A listener needs a moment before it hears; what a test files meanwhile it may miss. */
const settleInMs = 20

/** The wake-up call. */
export const watchRules: readonly Rule<JobTest>[] = [
  {
    title: 'wakes the watcher each time a job is added',
    async check(test) {
      const watcher = startWatch(test)
      try {
        for (const which of ['first', 'second', 'third']) {
          await sleep(settleInMs)
          const woken = watcher.nextWake()
          await test.add(1)
          await test.within(
            `watch() should call onAvailable for the ${which} job that is added`,
            Promise.race([woken, failure(watcher)]),
          )
          await test.settle([done(await test.claimOne('A job that the watcher was woken for was not handed out'))])
        }
      } finally {
        watcher.stop()
      }
    },
  },
  {
    title: 'goes on watching until its signal aborts, then resolves',
    async check(test) {
      const watcher = startWatch(test)
      const early = await Promise.race([watcher.ended.then(() => true), sleep(settleInMs).then(() => false)])
      assert.equal(early, false, 'watch() resolved before its signal aborted: nobody is woken any more')
      watcher.stop()
      await expectResolved(test, watcher, 'when its signal aborts')
    },
  },
  {
    title: 'resolves at once when asked to watch under a signal that has aborted',
    async check(test) {
      await expectResolved(test, startWatch(test, true), 'at once under a signal that has aborted already')
    },
  },
  {
    title: 'wakes nobody after the abort',
    async check(test) {
      const watcher = startWatch(test)
      await sleep(settleInMs)
      watcher.stop()
      await Promise.race([watcher.ended.catch(() => {}), sleep(settleInMs)])
      const before = watcher.wakes()
      await test.add(1)
      await sleep(2 * settleInMs)
      assert.equal(watcher.wakes(), before, 'onAvailable was called after the abort: the listener is still there')
    },
  },
]

/** Rejects when the watch breaks; never resolves, so that a watch that ends early is not taken for a wake-up. */
function failure({ ended }: Watcher): Promise<never> {
  return new Promise((_resolve, reject) => ended.catch(reject))
}
