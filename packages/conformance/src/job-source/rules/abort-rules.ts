import assert from 'node:assert/strict'
import type { JobClaim } from '@snapmint/core/adapter'
import { abortReason, describeThrown, isAbortOf } from '../../runner/abort-error.js'
import type { Rule } from '../../runner/rule.js'
import type { JobTest } from '../job-test.js'
import { done } from '../outcomes.js'

type AbortedClaim = { readonly signal: AbortSignal; readonly claims: readonly JobClaim<unknown>[]; readonly thrown?: unknown }

/** Claims under a signal that has aborted already, or aborts while the claim is under way. */
async function claimAborted({ jobs, leaseMs, within }: JobTest, when: 'before' | 'during'): Promise<AbortedClaim> {
  const controller = new AbortController()
  const { signal } = controller
  if (when === 'before') controller.abort(abortReason())
  const claiming = jobs.claim({ max: 10, leaseMs, signal })
  if (when === 'during') controller.abort(abortReason())
  const settled = Promise.resolve(claiming).then(
    (claims) => ({ signal, claims }),
    (thrown: unknown) => ({ signal, claims: [], thrown }),
  )
  return await within('An aborted claim() should settle', settled)
}

/** Calls that are aborted. */
export const abortRules: readonly Rule<JobTest>[] = [
  {
    title: 'loses no job in a claim that is aborted',
    async check(test) {
      for (const when of ['before', 'during'] as const) {
        const added = await test.add(3)
        const { claims } = await claimAborted(test, when)
        const missing = added.length - claims.length
        await test.outlastLeases()
        // Leases that were given have ended by now; what the aborted claim did resolve to may come again.
        const again = missing > 0 ? await test.claimAll(missing, `A claim aborted ${when} the call lost jobs`) : []
        const rest = await test.claim(10)
        const seen = new Set([...claims, ...again, ...rest].map(({ id }) => id))
        const lost = added.filter((id) => !seen.has(id))
        assert.ok(lost.length === 0, `A claim aborted ${when} the call lost the jobs ${lost.join(', ')}`)
        // What was handed out twice is settled by its latest hand-out.
        const latest = new Map([...claims, ...again, ...rest].map((claim) => [claim.id, claim]))
        await test.settle([...latest.values()].map(done))
      }
    },
  },
  {
    title: "rejects an aborted claim, if it does, with the signal's reason",
    async check(test) {
      await test.add(1)
      for (const when of ['before', 'during'] as const) {
        const { signal, thrown } = await claimAborted(test, when)
        assert.ok(
          thrown === undefined || isAbortOf(signal, thrown),
          `An abort is no failure: rethrow \`signal.reason\` untouched; this was thrown: ${describeThrown(thrown)}`,
        )
      }
    },
  },
  {
    title: 'records outcomes when asked again after a settle that was aborted',
    async check({ jobs, add, claimOne, claimNone, settle, within, outlastLeases, expectState }) {
      const [id = ''] = await add(1)
      const outcomes = [done(await claimOne('An added job was not handed out'))]
      const controller = new AbortController()
      controller.abort(abortReason())
      await within(
        'An aborted settle() should settle',
        Promise.resolve(jobs.settle(outcomes, { signal: controller.signal })).catch(() => {}),
      )
      await settle(outcomes)
      await expectState(id, 'done')
      await outlastLeases()
      await claimNone('The job was settled done, at the second try')
    },
  },
]
