import assert from 'node:assert/strict'
import type { FrameSource } from '@snapmint/core/adapter'
import { describeThrown } from '../../runner/abort-error.js'
import { expectClassified, type FailureCase } from '../../runner/failure-case.js'
import type { Rule } from '../../runner/rule.js'
import { untilEnd } from '../source-run.js'
import type { SourceTest } from '../source-test.js'

/** One rule for each failure that the adapter's test can bring about. */
export function failureRules(failures: readonly FailureCase<FrameSource>[]): readonly Rule<SourceTest>[] {
  return failures.map((failure) => ({
    title: `throws a SnapmintError on ${failure.name}`,
    async check({ open, within, settings: { timeoutMs } }) {
      const source = await within('create() should return a source', Promise.resolve(failure.create()))
      const run = open(source)
      const end = await untilEnd(run, { why: `by throwing, on ${failure.name}`, endWithinMs: timeoutMs })
      assert.ok(
        end.how === 'thrown',
        `The run ended in silence on ${failure.name}: throw, so that core can say why it restarts the source or gives it up`,
      )
      assert.ok(
        end.thrown !== run.signal.reason,
        `The run reported an abort that nobody asked for: ${describeThrown(end.thrown)}`,
      )
      expectClassified(end.thrown, failure)
    },
  }))
}
