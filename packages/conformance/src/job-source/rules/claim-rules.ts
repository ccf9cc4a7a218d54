import assert from 'node:assert/strict'
import type { JobClaim } from '@snapmint/core/adapter'
import { expectIdentity } from '../../runner/identity-rule.js'
import type { Rule } from '../../runner/rule.js'
import type { JobTest } from '../job-test.js'
import { done } from '../outcomes.js'

const idsOf = (claims: readonly JobClaim<unknown>[]) => claims.map(({ id }) => id).sort()

/** Every id that occurs more than once. */
function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>()
  return ids.filter((id) => seen.size === seen.add(id).size)
}

function expectExactly(claims: readonly JobClaim<unknown>[], added: readonly string[], how: string): void {
  const twice = repeated(idsOf(claims))
  assert.ok(
    twice.length === 0,
    `${how}: ${twice.length} of ${added.length} jobs were handed out twice (${twice.slice(0, 5).join(', ')}): two hosts would both deliver them`,
  )
  const missing = added.filter((id) => !claims.some((claim) => claim.id === id))
  assert.ok(
    missing.length === 0,
    `${how}: ${missing.length} of ${added.length} jobs were never handed out (${missing.slice(0, 5).join(', ')})`,
  )
  assert.equal(claims.length, added.length, `${how}: ${claims.length} jobs came where ${added.length} were filed`)
}

export const identityRules: readonly Rule<JobTest>[] = [
  {
    title: 'declares specVersion 1 and the short name of its adapter',
    async check({ jobs }) {
      expectIdentity(jobs)
      const { sweepMs } = jobs
      assert.ok(
        sweepMs === undefined || (Number.isFinite(sweepMs) && sweepMs > 0),
        `\`sweepMs\` must be a number of ms above 0, not ${String(sweepMs)}`,
      )
      for (const method of ['claim', 'settle'] as const)
        assert.equal(typeof jobs[method], 'function', `\`${method}\` must be a function`)
    },
  },
]

/** Handing out. */
export const claimRules: readonly Rule<JobTest>[] = [
  {
    title: 'answers an empty array when no job waits, without waiting for one',
    async check({ jobs, claimNone, leaseMs, within }) {
      const { signal } = new AbortController()
      const claims = await within('claim() should answer at once', jobs.claim({ max: 10, leaseMs, signal }))
      assert.ok(Array.isArray(claims), `claim() must resolve to an empty array when no job waits, not ${String(claims)}`)
      await claimNone('No job was filed')
      await claimNone('No job was filed, and the claim was repeated')
    },
  },
  {
    title: 'hands out an added job with its id, a token and attempt 1',
    async check({ add, claimOne, makeJob, isSameJob, expectState }) {
      const [id = ''] = await add(1)
      await expectState(id, 'waiting')
      const claim = await claimOne('An added job was not handed out')
      assert.equal(claim.id, id, `The claim's id must be that of the job, ${id}, not ${claim.id}`)
      assert.ok(
        typeof claim.token === 'string' && claim.token !== '',
        `\`token\` must be a non-empty string, not ${JSON.stringify(claim.token)}`,
      )
      assert.equal(claim.attempt, 1, `\`attempt\` must be 1 at the first hand-out, not ${claim.attempt}`)
      assert.ok(
        isSameJob(claim.job, makeJob(0)),
        `The claim's \`job\` must be what was filed, ${JSON.stringify(makeJob(0))}, not ${JSON.stringify(claim.job)}`,
      )
      await expectState(id, 'claimed')
    },
  },
  {
    title: 'hands out at most max jobs in one claim',
    async check({ add, claim, claimAll }) {
      await add(5)
      for (const max of [1, 2]) {
        const claims = await claim(max)
        assert.ok(
          claims.length <= max,
          `claim({ max: ${max} }) handed out ${claims.length} jobs: core takes no more than it can deliver in time`,
        )
        assert.ok(claims.length > 0, `claim({ max: ${max} }) handed out none while jobs wait`)
      }
      await claimAll(2, 'The jobs that were left over by claims of 1 and 2 out of 5 were not handed out')
    },
  },
  {
    title: 'gives each hand-out a token of its own',
    async check({ add, claimAll }) {
      await add(5)
      const claims = await claimAll(5, 'Added jobs were not handed out')
      const twice = repeated(claims.map(({ token }) => token))
      assert.ok(twice.length === 0, `Different hand-outs carry the same token ${twice.join(', ')}: a token names one hand-out`)
    },
  },
  {
    title: 'does not hand out a job that is handed out already',
    async check({ add, claimAll, claimNone }) {
      await add(3)
      await claimAll(3, 'Added jobs were not handed out')
      await claimNone('Every job was under a lease')
    },
  },
  {
    title: 'does not hand out a job to two claims that run at the same time',
    async check({ add, claim, claimAll }) {
      const added = await add(24)
      const together = (await Promise.all(Array.from({ length: 8 }, () => claim(5)))).flat()
      const twice = repeated(idsOf(together))
      assert.ok(twice.length === 0, `Eight claims at the same time: ${twice.join(', ')} were handed out twice`)
      const rest = added.length - together.length
      const left = rest > 0 ? await claimAll(rest, 'Eight claims at the same time lost jobs') : []
      expectExactly([...together, ...left], added, 'Eight claims at the same time')
    },
  },
  {
    title: 'hands out each of many jobs exactly once',
    async check({ add, claim, settle, manyJobs, claimNone }) {
      const added = await add(manyJobs)
      const all: JobClaim<unknown>[] = []
      for (let misses = 0; all.length < added.length && misses < 3; ) {
        const claims = await claim(100)
        misses = claims.length === 0 ? misses + 1 : 0
        all.push(...claims)
        if (claims.length > 0) await settle(claims.map(done))
      }
      expectExactly(all, added, 'Claimed by hundreds and settled done')
      await claimNone('Every job was done')
    },
  },
]
