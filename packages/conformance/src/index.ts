export { frameSourceConformance } from './frame-source/frame-source-conformance.js'
export type { FrameSourceCapabilities, FrameSourceConformanceOptions } from './frame-source/frame-source-options.js'
export type { ConformanceRunner } from './runner/conformance-runner.js'
export type { FailureCase } from './runner/failure-case.js'
