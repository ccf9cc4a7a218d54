import assert from 'node:assert/strict'
import type { Rule } from '../../runner/rule.js'
import type { JobTest } from '../job-test.js'
import { done, retry } from '../outcomes.js'

/** How far a service may lengthen the lease that was asked for: some have a least one. */
const longestExtraMs = 600_000

/** Leases that end. */
export const leaseRules: readonly Rule<JobTest>[] = [
  {
    title: 'hands a job out again, under its id and a new token, when its lease has ended',
    async check({ add, claimOne, outlastLeases }) {
      const [id = ''] = await add(1)
      const first = await claimOne('An added job was not handed out')
      await outlastLeases()
      const second = await claimOne('A job whose lease has ended was not handed out again: with its host dead it is lost')
      assert.equal(second.id, id, `A redelivered job keeps its id ${id}; this one came as ${second.id}`)
      assert.notEqual(
        second.token,
        first.token,
        'A job came again under the token of the lease that ended: its old host could still settle it',
      )
      assert.ok(
        second.attempt >= 2,
        `\`attempt\` must grow when a lease has ended, and is ${second.attempt}: a job that kills its host would be tried for ever`,
      )
    },
  },
  {
    title: 'dates the end of a lease, if it does, in milliseconds since the Unix epoch',
    async check({ add, claimOne, leaseMs, harness }) {
      await add(1)
      const { leaseExpiresAt } = await claimOne('An added job was not handed out')
      if (leaseExpiresAt === undefined) return
      const remainingMs = leaseExpiresAt - (harness.now?.() ?? Date.now())
      assert.ok(
        remainingMs > 0 && remainingMs <= leaseMs + longestExtraMs,
        `\`leaseExpiresAt\` ${leaseExpiresAt} is ${remainingMs} ms from now where a lease of ${leaseMs} ms was asked for: ms since the epoch, by the source's clock`,
      )
    },
  },
  {
    title: 'ignores the outcome of a hand-out whose lease is lost',
    async check({ add, claimOne, claimNone, settle, outlastLeases, expectState }) {
      const [id = ''] = await add(1)
      const lost = await claimOne('An added job was not handed out')
      await outlastLeases()
      const current = await claimOne('A job whose lease has ended was not handed out again')
      await settle([done(lost)])
      await expectState(id, 'claimed')
      await settle([retry(lost)])
      await claimNone('The retry came from a host that had lost the lease; another host works on the job')
      await settle([retry(current)])
      const next = await claimOne(
        'The outcome of a lost hand-out was recorded: the job no longer comes back when its present host settles it retry',
      )
      await settle([done(next)])
      await expectState(id, 'done')
    },
  },
  {
    title: 'records the rest of a batch that holds a token whose lease is lost',
    async check({ add, claimAll, claimOne, claimNone, settle, outlastLeases }) {
      await add(3)
      const lost = await claimOne('An added job was not handed out')
      await outlastLeases()
      const claims = await claimAll(3, 'Added jobs were not handed out, one of them for the second time')
      const again = claims.find(({ id }) => id === lost.id)
      const [a, b] = claims.filter((claim) => claim !== again)
      assert.ok(again && a && b, `Of three jobs came ${claims.map(({ id }) => id).join(', ')}`)
      await settle([done(a), done(lost), done(b)])
      await settle([done(again)])
      await outlastLeases()
      await claimNone('All three jobs were settled done, two of them in a batch with a lost token')
    },
  },
]

/** Leases that are renewed. */
export const extendRules: readonly Rule<JobTest>[] = [
  {
    title: 'keeps a job handed out while its lease is extended',
    async check({ jobs, add, claimOne, claimNone, elapse, leaseMs, within }) {
      await add(1)
      const { token } = await claimOne('An added job was not handed out')
      const signal = new AbortController().signal
      for (let time = 0; time < 3; time += 1) {
        await elapse(leaseMs * 0.6)
        const lost = await within('extend() should resolve', jobs.extend!([token], leaseMs, { signal }))
        assert.ok(lost.length === 0, `extend() reports the lease as lost (${lost.join(', ')}) that it was asked to renew in time`)
        await claimNone('Its lease was extended in time')
      }
    },
  },
  {
    title: 'reports the tokens whose lease is lost, and only those',
    async check({ jobs, add, claimOne, claimAll, outlastLeases, leaseMs, within }) {
      await add(2)
      const lost = await claimOne('An added job was not handed out')
      await outlastLeases()
      const claims = await claimAll(2, 'Added jobs were not handed out, one of them for the second time')
      const current = claims.find(({ id }) => id === lost.id)
      const other = claims.find((claim) => claim !== current)
      assert.ok(current && other, `Of two jobs came ${claims.map(({ id }) => id).join(', ')}`)
      const tokens = [current.token, lost.token, 'a-token-that-never-was', other.token]
      const signal = new AbortController().signal
      const reported = await within('extend() should resolve', jobs.extend!(tokens, leaseMs, { signal }))
      const names = new Map([
        [current.token, 'the present hand-out'],
        [lost.token, 'the hand-out whose lease ended'],
        ['a-token-that-never-was', 'a token that never was'],
        [other.token, 'another job’s hand-out'],
      ])
      const said = [...reported].map((token) => names.get(token) ?? token).sort()
      const wanted = ['a token that never was', 'the hand-out whose lease ended']
      assert.equal(
        said.join('; '),
        wanted.join('; '),
        `extend() must resolve to the tokens whose lease is lost (${wanted.join(', ')}), and named: ${said.join(', ') || 'none'}`,
      )
    },
  },
  {
    title: 'accepts an empty list of tokens to extend',
    async check({ jobs, leaseMs, within }) {
      const lost = await within('extend() should resolve', jobs.extend!([], leaseMs, { signal: new AbortController().signal }))
      assert.ok(lost.length === 0, 'extend([]) must resolve to an empty array')
    },
  },
]
