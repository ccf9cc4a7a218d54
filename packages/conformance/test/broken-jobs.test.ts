import { describe, it } from 'vitest'
import { jobSourceConformance } from '../src/index.js'
import { breakJobs } from './broken-adapters/broken-jobs.js'
import { jobsWithBrokenClaims } from './broken-adapters/jobs-with-broken-claims.js'
import { jobsWithBrokenLeases } from './broken-adapters/jobs-with-broken-leases.js'
import { jobsWithBrokenSettling } from './broken-adapters/jobs-with-broken-settling.js'
import { jobsHarness } from './reference/reference-jobs.js'
import { expectFailures } from './runner/expect-failures.js'

const groups = { claims: jobsWithBrokenClaims, settling: jobsWithBrokenSettling, leases: jobsWithBrokenLeases }

describe.each(Object.entries(groups))('broken job sources, %s: jobSourceConformance notices one that', (_group, sources) => {
  it.concurrent.each(Object.entries(sources))(
    '%s',
    async (_name, broken) => {
      const { timeoutMs = 20_000, fails } = broken
      const capabilities = { extend: true, watch: true, durable: true, ...broken.capabilities }
      const create = () => jobsHarness(breakJobs(broken))
      const { claimWhenDown } = broken
      const down = { ...jobsHarness().jobs, ...(claimWhenDown && { claim: claimWhenDown }) }
      const failures = claimWhenDown ? [{ name: 'an unreachable service', create: () => down }] : []
      const makeJob = (number: number) => ({ targetTime: 1_763_690_400_000 + number })
      await expectFailures(
        (runner) => jobSourceConformance({ ...runner, create, makeJob, capabilities, timeoutMs, failures, manyJobs: 200 }),
        fails,
      )
    },
    120_000,
  )
})
