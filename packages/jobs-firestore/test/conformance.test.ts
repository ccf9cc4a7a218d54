import { jobSourceConformance } from '@snapmint/conformance'
import { describe, it } from 'vitest'
import { openBridge } from './fixtures/bridge.js'
import { isSameJob, makeJob, openJobHarness } from './fixtures/job-harness.js'

const capabilities = { extend: true, watch: true, durable: true }

for (const leases of [false, true]) {
  jobSourceConformance({
    describe,
    it,
    name: `firestore jobs, in memory, ${leases ? 'with a lease field' : 'single-host'}`,
    makeJob,
    isSameJob,
    capabilities,
    timeoutMs: 20_000,
    create() {
      const { firestore, now, advance } = openBridge()
      return openJobHarness({ firestore, leases, now, advance })
    },
  })
}
