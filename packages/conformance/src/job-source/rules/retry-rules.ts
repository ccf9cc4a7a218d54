import assert from 'node:assert/strict'
import type { Rule } from '../../runner/rule.js'
import type { JobTest } from '../job-test.js'
import { done, retry } from '../outcomes.js'

/** Coming back. */
export const retryRules: readonly Rule<JobTest>[] = [
  {
    title: 'hands out a job again, under its id and a new token, when it was settled retry',
    async check({ add, claimOne, settle, claimNone, expectState }) {
      const [id = ''] = await add(1)
      const first = await claimOne('An added job was not handed out')
      await settle([retry(first)])
      const second = await claimOne('A job that was settled retry was not handed out again: it is lost')
      assert.equal(
        second.id,
        id,
        `A redelivered job keeps its id ${id}, the key that makes deliveries idempotent; this one came as ${second.id}`,
      )
      assert.notEqual(
        second.token,
        first.token,
        'A redelivered job came under the token of its earlier hand-out: a token names one hand-out',
      )
      await claimNone('The job was handed out again and is under a lease')
      await settle([done(second)])
      await expectState(id, 'done')
    },
  },
  {
    title: 'keeps a job handed out when the retry of its earlier hand-out is repeated',
    async check({ add, claimOne, settle, claimNone }) {
      await add(1)
      const outcome = retry(await claimOne('An added job was not handed out'))
      await settle([outcome])
      await claimOne('A job that was settled retry was not handed out again')
      await settle([outcome])
      await claimNone('The retry of an earlier hand-out was repeated; the job is under a newer lease')
    },
  },
]

export const attemptRules: readonly Rule<JobTest>[] = [
  {
    title: 'counts in attempt how often a job was handed out',
    async check({ add, claimOne, settle }) {
      await add(1)
      for (const attempt of [1, 2, 3]) {
        const claim = await claimOne(`A job was not handed out for the ${attempt}. time`)
        assert.equal(
          claim.attempt,
          attempt,
          `\`attempt\` must be ${attempt} at the ${attempt}. hand-out, not ${claim.attempt}: core gives a job up by it`,
        )
        await settle([retry(claim)])
      }
    },
  },
  {
    title: 'does not count a hand-out that was given back untried',
    async check({ add, claimOne, settle }) {
      await add(1)
      for (let time = 1; time <= 3; time += 1) {
        const claim = await claimOne('A job that was given back untried was not handed out again')
        assert.equal(
          claim.attempt,
          1,
          `\`attempt\` must still be 1 after ${time - 1} hand-outs that were given back \`untried\`, not ${claim.attempt}: a job that is not due would use up its attempts`,
        )
        await settle([retry(claim, { untried: true })])
      }
    },
  },
]

export const retryAfterRules: readonly Rule<JobTest>[] = [
  {
    title: 'holds a job back until retryAfterMs have passed',
    async check({ add, claimAll, claimOne, claimNone, settle, elapse, leaseMs }) {
      const [held, free] = await add(2)
      const claims = await claimAll(2, 'Added jobs were not handed out')
      await settle(claims.map((claim) => (claim.id === held ? retry(claim, { retryAfterMs: leaseMs }) : retry(claim))))
      const next = await claimOne('A job without retryAfterMs was held back together with one that has it')
      assert.equal(next.id, free, `Job ${held} was handed out again before its retryAfterMs (${leaseMs} ms) had passed`)
      await claimNone(`Job ${held} waits for its retryAfterMs (${leaseMs} ms)`)
      await settle([done(next)])
      await elapse(leaseMs * 1.1)
      const again = await claimOne(`A job was not handed out again after its retryAfterMs (${leaseMs} ms)`)
      assert.equal(again.id, held, `Expected job ${held} after its retryAfterMs, got ${again.id}`)
    },
  },
]
