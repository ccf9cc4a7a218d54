import type { LookupOptions } from '../history/frame-info.js'
import type { HistoryHandle } from '../history/history.js'
import type { HistoryReader } from '../history/history-reader.js'
import type { EventName, Listener } from '../observe/event-bus.js'
import type { MetricSample } from '../observe/metrics.js'
import type { EpochMs } from '../spec/frame.js'
import type { Snapshot } from '../spec/media.js'
import type { PipelineStatus } from './pipeline-status.js'

export interface SnapshotOptions extends LookupOptions {
  /** The moment asked for; past or coming. Default: the newest frame. */
  readonly at?: EpochMs | undefined
  /** How far ahead the moment may lie, and how long after it a frame is waited for, in ms. Default 60,000. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A still, asked for directly, and how close it is to the moment asked for. */
export interface AskedSnapshot extends Snapshot {
  readonly targetTime: EpochMs
  /** `captureTime − targetTime`. */
  readonly offsetMs: number
}

export interface Pipeline<Name extends string = string> extends AsyncDisposable {
  /**
   * Starts capture, and delivery behind it. Resolves when every source has given its first frame, or has failed once in a way that a restart may
   * mend (it goes on trying; see `source:restarting`). Idempotent; a stopped pipeline cannot be started again.
   *
   * @throws the SnapmintError of a source that no restart can mend; everything is stopped again then. `SNAPMINT_PIPELINE_STOPPED` when stopped meanwhile.
   */
  start(options?: { readonly signal?: AbortSignal }): Promise<void>
  /**
   * Claims no more, delivers what is under way for up to `drainTimeoutMs` (default 10,000; `Infinity` waits for all of it), hands the rest back to its job
   * source, ends capture, closes jobs and sinks. Idempotent; the first call's time-out counts. Never rejects.
   *
   * @throws TypeError, RangeError for a wrong `drainTimeoutMs`.
   */
  stop(options?: { readonly drainTimeoutMs?: number }): Promise<void>
  /**
   * The picture of a moment, without a job.
   *
   * @throws LookupError when there is none; `SNAPMINT_PIPELINE_STOPPED` when the pipeline does not run; `SNAPMINT_JOB_NOT_DUE` when it lies too far ahead;
   *   TypeError for an
   *   unknown source; TypeError, RangeError for wrong options.
   */
  snapshot(source: Name, options?: SnapshotOptions): Promise<AskedSnapshot>
  /** Listens to an event. Returns a function that ends it. */
  on<K extends EventName>(event: K, listener: Listener<K>): () => void
  status(): PipelineStatus<Name>
  /** The figures of {@link status} as flat samples, named and labelled as Prometheus would have them. */
  metrics(): readonly MetricSample[]
  /**
   * A source's history: `reader` for this thread, `handle` to attach in another.
   *
   * @throws `SNAPMINT_PIPELINE_STOPPED` before the start.
   */
  history(source: Name): { readonly reader: HistoryReader; readonly handle: HistoryHandle }
  /** The pipeline's clock, epoch ms. What `targetTime` and `captureTime` refer to. */
  now(): EpochMs
}
