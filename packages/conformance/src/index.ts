export { frameSinkConformance } from './frame-sink/frame-sink-conformance.js'
export type { FrameSinkCapabilities, FrameSinkConformanceOptions, FrameSinkHarness } from './frame-sink/frame-sink-options.js'
export { frameSourceConformance } from './frame-source/frame-source-conformance.js'
export type { FrameSourceCapabilities, FrameSourceConformanceOptions } from './frame-source/frame-source-options.js'
export { jobSourceConformance } from './job-source/job-source-conformance.js'
export type {
  JobSourceCapabilities,
  JobSourceConformanceOptions,
  JobSourceHarness,
  JobState,
} from './job-source/job-source-options.js'
export type { ConformanceRunner } from './runner/conformance-runner.js'
export type { FailureCase } from './runner/failure-case.js'
