import assert from 'node:assert/strict'
import type { JobSource } from '@snapmint/core/adapter'
import { describeThrown } from '../../runner/abort-error.js'
import { expectClassified, type FailureCase } from '../../runner/failure-case.js'
import type { Rule } from '../../runner/rule.js'
import type { JobTest } from '../job-test.js'
import { done, failed } from '../outcomes.js'

/** Whether the optional methods are those declared: a method that nobody declares is a method that nobody tests. */
export function methodRules(declared: Readonly<Record<'extend' | 'watch', boolean>>): readonly Rule<JobTest>[] {
  return [
    {
      title: 'has the optional methods that its capabilities declare, and no others',
      async check({ jobs }) {
        for (const [method, wanted] of Object.entries(declared)) {
          const has = typeof (jobs as unknown as Record<string, unknown>)[method] === 'function'
          assert.equal(
            has,
            wanted,
            has
              ? `The source has ${method}(): declare the capability \`${method}\`, so that it is tested`
              : `The source declares \`${method}\` and has no ${method}()`,
          )
        }
      },
    },
  ]
}

export const closeRules: readonly Rule<JobTest>[] = [
  {
    title: 'closes, and closes again without an error',
    async check({ jobs, add, claimOne, settle, within }) {
      await add(1)
      await settle([done(await claimOne('An added job was not handed out'))])
      for (const which of ['first', 'second'])
        await within(`The ${which} close() should resolve`, Promise.resolve(jobs.close?.()))
    },
  },
]

/** For stores that outlive the process. */
export const durableRules: readonly Rule<JobTest>[] = [
  {
    title: 'keeps waiting jobs over a crash',
    async check(test) {
      const added = await test.add(3)
      const reopened = await reopen(test)
      const claims = await test.claimAll(3, 'Jobs that waited before the crash were not handed out after it', reopened)
      assert.equal(
        claims
          .map(({ id }) => id)
          .sort()
          .join(),
        [...added].sort().join(),
        'Other jobs came after the crash than were filed before it',
      )
    },
  },
  {
    title: 'hands out again after a crash what was handed out before it',
    async check(test) {
      const [id = ''] = await test.add(1)
      const before = await test.claimOne('An added job was not handed out')
      const reopened = await reopen(test)
      await test.outlastLeases()
      const [after] = await test.claimAll(
        1,
        'A job that was handed out before the crash was not handed out after it: it is lost',
        reopened,
      )
      assert.equal(after!.id, id, `The job came back as ${after!.id}, not as ${id}`)
      assert.notEqual(after!.token, before.token, 'The job came back under the token of before the crash')
      await test.settle([done(before)], reopened)
      await test.settle([done(after!)], reopened)
      await test.outlastLeases()
      await test.claimNone('The job was settled done after the crash', reopened)
    },
  },
  {
    title: 'keeps over a crash what was settled before it',
    async check(test) {
      await test.add(2)
      const [a, b] = await test.claimAll(2, 'Added jobs were not handed out')
      await test.settle([done(a!), failed(b!)])
      const reopened = await reopen(test)
      await test.outlastLeases()
      await test.claimNone('Both jobs were settled before the crash', reopened)
      await test.expectState(a!.id, 'done')
      await test.expectState(b!.id, 'failed')
    },
  },
]

async function reopen({ harness, within }: JobTest): Promise<JobSource<unknown>> {
  assert.ok(harness.reopen, 'The capability `durable` needs a harness with `reopen()`')
  return await within('reopen() of the harness', harness.reopen())
}

/** One rule for each failure that the adapter's test can bring about. */
export function failureRules<J>(failures: readonly FailureCase<JobSource<J>>[]): readonly Rule<JobTest>[] {
  return failures.map((failure) => ({
    title: `rejects a claim with a SnapmintError on ${failure.name}`,
    async check({ within, leaseMs }) {
      const jobs = await failure.create()
      const claiming = Promise.resolve(jobs.claim({ max: 1, leaseMs, signal: new AbortController().signal }))
      const outcome = claiming.then(
        (claims) => ({ claims }),
        (thrown: unknown) => ({ thrown }),
      )
      const settled = await within(`claim() should reject on ${failure.name}`, outcome)
      assert.ok('thrown' in settled, `claim() resolved on ${failure.name}: an empty answer would be taken for an empty queue`)
      assert.ok(settled.thrown !== undefined, `claim() rejected with ${describeThrown(settled.thrown)}`)
      expectClassified(settled.thrown, failure)
    },
  }))
}
