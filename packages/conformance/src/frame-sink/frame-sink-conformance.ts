import { expectKnownOptions, expectNumber, expectPositive } from '@snapmint/core/adapter'
import { expectSuiteOptions, registerRules } from '../runner/rule.js'
import type { FrameSinkConformanceOptions } from './frame-sink-options.js'
import { keyedRules, keyRules } from './rules/key-rules.js'
import { identityRules, ownershipRules, putRules, repeatRules } from './rules/put-rules.js'
import { abortDuringRules, abortRules, closeRules, failureRules, kindRules } from './rules/refusal-rules.js'
import { createSinkTests } from './sink-test.js'

const knownOptions = ['describe', 'it', 'create', 'capabilities', 'name', 'largeBytes', 'timeoutMs', 'failures']

/**
 * Registers the tests that every {@link FrameSink} must pass, one for each rule of the contract.
 *
 * @throws TypeError or RangeError on options that are missing, unknown or out of range.
 */
export function frameSinkConformance(options: FrameSinkConformanceOptions): void {
  expectSuiteOptions(options, ['describe', 'it', 'create'])
  expectKnownOptions('frameSinkConformance', options, knownOptions)
  const { capabilities = {}, failures = [], name = 'frame sink' } = options
  expectKnownOptions('capabilities of frameSinkConformance', capabilities, ['keyed', 'abort'])
  expectPositive('timeoutMs', options.timeoutMs ?? 3000)
  expectNumber('largeBytes', options.largeBytes ?? 1, { min: 1, integer: true })
  const { keyed = true, abort = true } = capabilities
  const groups = [
    { name: 'identity', rules: identityRules },
    { name: 'put', rules: putRules },
    { name: 'ownership', rules: ownershipRules },
    { name: 'repetition', rules: repeatRules },
    { name: 'keys', rules: [...keyRules, ...(keyed ? keyedRules : [])] },
    { name: 'abort', rules: [...abortRules, ...(abort ? abortDuringRules : [])] },
    { name: 'refusal', rules: kindRules },
    { name: 'close', rules: closeRules },
    { name: 'failures', rules: failureRules(failures) },
  ]
  registerRules(options, name, groups, createSinkTests(options))
}
