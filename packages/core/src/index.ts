/** Snapmint's library: `createPipeline`, the built-in adapters, and everything of `@snapmint/core/adapter`. */
export * from './adapter.js'
export type { JobCounts } from './builtin/directory-jobs/count-jobs.js'
export { type FileJobOptions, fileJob } from './builtin/directory-jobs/file-job.js'
export type { DirectoryJob } from './builtin/directory-jobs/parse-job.js'
export { type DirectoryJobs, type DirectoryJobsOptions, directoryJobs } from './builtin/directory-jobs.js'
export { type DirectorySinkOptions, directorySink } from './builtin/directory-sink.js'
export { type IntervalJobs, type IntervalJobsOptions, intervalJobs } from './builtin/interval-jobs.js'
export { type MemoryJobs, type MemoryJobsOptions, memoryJobs } from './builtin/memory-jobs.js'
export { type MemorySink, type MemorySinkOptions, memorySink } from './builtin/memory-sink.js'
export type { CaptureOptions, RestartOptions } from './capture/capture-options.js'
export type { CaptureFigures } from './capture/start-capture.js'
export type { PutOptions } from './delivery/put-media.js'
export type { FrameRequest, Select } from './delivery/select-frames.js'
export type { FrameInfo, LookupOptions, Match } from './history/frame-info.js'
export { createFrameWaiter, type FrameWaiter } from './history/frame-waiter.js'
export { createHistory, type HistoryHandle, type HistoryOptions } from './history/history.js'
export { attachHistory, type HeldFrame, type HistoryReader, type HistoryStats } from './history/history-reader.js'
export { type HistoryWriter, openHistoryWriter } from './history/history-writer.js'
export type { HoldsOptions } from './holds/holds-options.js'
export type { LedgerFigures } from './jobs/ledger.js'
export type { EventName, Listener } from './observe/event-bus.js'
export type { MetricSample } from './observe/metrics.js'
export type { ClockEvents, PipelineEvents, PipelineState, SourceEvents, SourceState } from './observe/pipeline-events.js'
export { createPipeline } from './pipeline/create-pipeline.js'
export type { AskedSnapshot, Pipeline, SnapshotOptions } from './pipeline/pipeline.js'
export type {
  PipelineHistoryOptions,
  PipelineOptions,
  ShortPipelineOptions,
  SourceName,
  Sources,
} from './pipeline/pipeline-options.js'
export type { PipelineStatus, RouteStatus, SourceStatus } from './pipeline/pipeline-status.js'
export type { Rendered, Route, RouteTuning } from './pipeline/route-options.js'
