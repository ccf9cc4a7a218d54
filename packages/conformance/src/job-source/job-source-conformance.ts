import { expectKnownOptions, expectNumber, expectPositive } from '@snapmint/core/adapter'
import { expectSuiteOptions, registerRules } from '../runner/rule.js'
import type { JobSourceConformanceOptions } from './job-source-options.js'
import { createJobTests } from './job-test.js'
import { abortRules } from './rules/abort-rules.js'
import { claimRules, identityRules } from './rules/claim-rules.js'
import { extendRules, leaseRules } from './rules/lease-rules.js'
import { closeRules, durableRules, failureRules, methodRules } from './rules/lifecycle-rules.js'
import { attemptRules, retryAfterRules, retryRules } from './rules/retry-rules.js'
import { settleRules } from './rules/settle-rules.js'
import { watchRules } from './rules/watch-rules.js'

const knownOptions = [
  ...['describe', 'it', 'create', 'makeJob', 'capabilities', 'name', 'isSameJob', 'leaseMs', 'manyJobs', 'timeoutMs', 'failures'],
]
const knownCapabilities = ['leases', 'extend', 'watch', 'durable', 'retry', 'retryAfter', 'attempts']

/**
 * Registers the tests that every {@link JobSource} must pass, one for each rule of the contract.
 *
 * @throws TypeError or RangeError on options that are missing, unknown or out of range.
 */
export function jobSourceConformance<J>(options: JobSourceConformanceOptions<J>): void {
  expectSuiteOptions(options, ['describe', 'it', 'create', 'makeJob'])
  expectKnownOptions('jobSourceConformance', options, knownOptions)
  const { capabilities = {}, failures = [], name = 'job source' } = options
  expectKnownOptions('capabilities of jobSourceConformance', capabilities, knownCapabilities)
  expectPositive('timeoutMs', options.timeoutMs ?? 3000)
  expectPositive('leaseMs', options.leaseMs ?? 1000)
  expectNumber('manyJobs', options.manyJobs ?? 1000, { min: 1, integer: true })
  const { leases = true, extend = false, watch = false, durable = false, retry = true } = capabilities
  const { retryAfter = retry, attempts = retry } = capabilities
  const groups = [
    { name: 'identity', rules: [...identityRules, ...methodRules({ extend, watch })] },
    { name: 'claim', rules: claimRules },
    { name: 'settle', rules: settleRules },
    {
      name: 'retry',
      rules: [...(retry ? retryRules : []), ...(attempts ? attemptRules : []), ...(retryAfter ? retryAfterRules : [])],
    },
    { name: 'leases', rules: [...(leases ? leaseRules : []), ...(extend ? extendRules : [])] },
    { name: 'watch', rules: watch ? watchRules : [] },
    { name: 'abort', rules: abortRules },
    { name: 'crash', rules: durable ? durableRules : [] },
    { name: 'close', rules: closeRules },
    { name: 'failures', rules: failureRules(failures) },
  ]
  // The rules treat jobs as opaque: whatever `makeJob` made goes to `add` and comes back in a claim.
  registerRules(options, name, groups, createJobTests(options as unknown as JobSourceConformanceOptions<unknown>))
}
