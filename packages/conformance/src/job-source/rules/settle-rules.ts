import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { describeThrown } from '../../runner/abort-error.js'
import { deepFreeze } from '../../runner/deep-freeze.js'
import type { Rule } from '../../runner/rule.js'
import type { JobTest } from '../job-test.js'
import { done, failed, makeReceipt, retry } from '../outcomes.js'

/** Answering. */
export const settleRules: readonly Rule<JobTest>[] = [
  {
    title: 'never hands out again what was settled done',
    async check({ add, claimOne, claimNone, settle, outlastLeases, expectState }) {
      const [id = ''] = await add(1)
      await settle([done(await claimOne('An added job was not handed out'))])
      await expectState(id, 'done')
      await claimNone('The job was settled done')
      await outlastLeases()
      await claimNone('The job was settled done, and its lease has ended')
    },
  },
  {
    title: 'never hands out again what was settled failed',
    async check({ add, claimOne, claimNone, settle, outlastLeases, expectState }) {
      const [id = ''] = await add(1)
      await settle([failed(await claimOne('An added job was not handed out'))])
      await expectState(id, 'failed')
      await claimNone('The job was settled failed: core has given it up')
      await outlastLeases()
      await claimNone('The job was settled failed, and its lease has ended')
    },
  },
  {
    title: 'records each of the different outcomes of one batch',
    async check({ add, claimAll, claimNone, settle, outlastLeases, expectState }) {
      await add(4)
      const [a, b, c, d] = await claimAll(4, 'Added jobs were not handed out')
      await settle([done(a!), failed(b!), done(c!), failed(d!)])
      for (const claim of [a!, c!]) await expectState(claim.id, 'done')
      for (const claim of [b!, d!]) await expectState(claim.id, 'failed')
      await outlastLeases()
      await claimNone('A batch settled two jobs done and two failed')
    },
  },
  {
    title: 'records the same outcomes again without an error',
    async check({ add, claimAll, claimNone, settle, outlastLeases, expectState }) {
      await add(2)
      const [a, b] = await claimAll(2, 'Added jobs were not handed out')
      const outcomes = [done(a!), failed(b!)]
      // Core repeats a settle whose answer was lost on the way.
      for (let time = 0; time < 3; time += 1) await settle(outcomes)
      await expectState(a!.id, 'done')
      await expectState(b!.id, 'failed')
      await outlastLeases()
      await claimNone('The outcomes were settled three times')
    },
  },
  {
    title: 'ignores outcomes with a token that it does not know, without an error',
    async check({ add, claimOne, claimNone, settle, expectState }) {
      await add(1)
      const claim = await claimOne('An added job was not handed out')
      await settle([done({ id: 'a-job-that-never-was', token: 'a-token-that-never-was' })])
      await settle([done({ id: claim.id, token: 'a-token-that-never-was' }), retry({ id: claim.id, token: 'another-one' })])
      await expectState(claim.id, 'claimed')
      await claimNone('Outcomes with tokens that never were do not end its lease')
    },
  },
  {
    title: 'records the rest of a batch that holds a token it does not know',
    async check({ add, claimAll, claimNone, settle, outlastLeases, expectState }) {
      await add(2)
      const [a, b] = await claimAll(2, 'Added jobs were not handed out')
      await settle([done(a!), done({ id: 'a-job-that-never-was', token: 'a-token-that-never-was' }), done(b!)])
      for (const claim of [a!, b!]) await expectState(claim.id, 'done')
      await outlastLeases()
      await claimNone('Both jobs were settled done, around an outcome of a job that never was')
    },
  },
  {
    title: 'accepts an empty batch of outcomes',
    async check({ settle }) {
      await settle([])
    },
  },
  {
    title: 'leaves outcomes as they are, and stores receipts as they came',
    async check({ add, claimAll, settle, harness, within }) {
      const [id = ''] = await add(1)
      const [claim] = await claimAll(1, 'An added job was not handed out')
      const outcomes = deepFreeze([done(claim!)])
      const before = JSON.stringify(outcomes)
      await settle(outcomes).catch((thrown: unknown) =>
        assert.fail(
          `settle() rejected frozen outcomes: core and other readers share them, so copy instead of writing to them (${describeThrown(thrown)})`,
        ),
      )
      assert.equal(JSON.stringify(outcomes), before, 'settle() has changed the outcomes that it was given')
      if (!harness.receipt) return
      const stored = await within('receipt() of the harness', harness.receipt(id))
      assert.ok(
        isDeepStrictEqual(stored, makeReceipt(id)),
        `The store should keep the receipt as it came, ${JSON.stringify(makeReceipt(id))}, and has ${JSON.stringify(stored)}`,
      )
    },
  },
]
