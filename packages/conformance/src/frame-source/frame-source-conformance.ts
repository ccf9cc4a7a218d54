import { expectKnownOptions, expectNumber, expectPositive } from '@snapmint/core/adapter'
import { expectSuiteOptions, registerRules } from '../runner/rule.js'
import type { FrameSourceConformanceOptions } from './frame-source-options.js'
import { endingRules, releaseRules, waitingRules } from './rules/ending-rules.js'
import { failureRules } from './rules/failure-rules.js'
import { frameRules } from './rules/frame-rules.js'
import { hostRules } from './rules/host-rules.js'
import { constructionRules, endlessRules, finiteRules, resourceRules, restartRules } from './rules/lifecycle-rules.js'
import { allocateRules, memoryRules, noAllocateRules } from './rules/memory-rules.js'
import { pipelineClockRules, timeRules } from './rules/time-rules.js'
import { decoderRules, videoRules } from './rules/video-rules.js'
import { createSourceTests, resolveSettings } from './source-test.js'

const knownOptions = [
  ...['describe', 'it', 'create', 'capabilities', 'name', 'frames', 'timeoutMs', 'endWithinMs', 'maxAgeMs', 'maxFutureMs'],
  ...['inUse', 'failures'],
]
const knownCapabilities = ['finite', 'video', 'decoder', 'usesAllocate', 'usesPipelineClock', 'restartable', 'resources']

/**
 * Registers the tests that every {@link FrameSource} must pass, one for each rule of the contract.
 *
 * @throws TypeError or RangeError on options that are missing, unknown or out of range.
 */
export function frameSourceConformance(options: FrameSourceConformanceOptions): void {
  expectSuiteOptions(options, ['describe', 'it', 'create'])
  expectKnownOptions('frameSourceConformance', options, knownOptions)
  expectKnownOptions('capabilities of frameSourceConformance', options.capabilities ?? {}, knownCapabilities)
  const settings = resolveSettings(options)
  expectNumber('frames', options.frames ?? 5, { min: 2, integer: true })
  expectPositive('timeoutMs', settings.timeoutMs)
  expectPositive('endWithinMs', settings.endWithinMs)
  expectNumber('maxAgeMs', settings.maxAgeMs, { min: 0 })
  expectNumber('maxFutureMs', settings.maxFutureMs, { min: 0 })
  const { finite, video, decoder, usesAllocate, usesPipelineClock, restartable, resources } = settings.capabilities
  const groups = [
    { name: 'before a run', rules: constructionRules },
    { name: 'frames', rules: [...frameRules, ...(video ? videoRules : []), ...(decoder ? decoderRules : [])] },
    { name: 'time', rules: [...timeRules, ...(usesPipelineClock ? pipelineClockRules : [])] },
    { name: 'memory', rules: [...memoryRules, ...(usesAllocate ? allocateRules : noAllocateRules)] },
    {
      name: 'the end of a run',
      rules: [
        ...endingRules,
        ...(usesPipelineClock ? waitingRules : []),
        ...(settings.inUse ? releaseRules : []),
        ...(finite ? finiteRules : endlessRules),
      ],
    },
    { name: 'the next run', rules: [...(restartable ? restartRules : []), ...(resources ? resourceRules : [])] },
    { name: 'the host module', rules: hostRules },
    { name: 'failures', rules: failureRules(options.failures ?? []) },
  ]
  registerRules(options, options.name ?? 'frame source', groups, createSourceTests(settings))
}
