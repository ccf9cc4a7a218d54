import type { SnapmintError } from '../errors/snapmint-error.js'
import type { EpochMs } from '../spec/frame.js'
import type { JobOutcome } from '../spec/job-source.js'

/**
 * How a source fares. `starting`: no frame yet. `running`: frames come. `restarting`: it failed and waits for its next run.
 * `ended`: a finite source gave all it had. `failed`: a failure that no restart can mend. `stopped`: the pipeline stopped it.
 */
export type SourceState = 'idle' | 'starting' | 'running' | 'restarting' | 'ended' | 'failed' | 'stopped'

/** `idle → starting → running → stopping → stopped`, `failed` from any. */
export type PipelineState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'

/** What the capture side of one source reports. */
export interface SourceEvents {
  /** A run has delivered its first frame. `run` counts from 1. */
  'source:started': { readonly source: string; readonly run: number }
  /** A run ended in an error and another follows after `delayMs`. */
  'source:restarting': { readonly source: string; readonly run: number; readonly delayMs: number; readonly error: SnapmintError }
  /** No frame was accepted for `stallMs`; the run is aborted and a restart follows. */
  'source:stalled': { readonly source: string; readonly run: number; readonly stallMs: number; readonly error: SnapmintError }
  /** The picture has not changed, byte for byte, for `unchangedMs`. Reported once until it changes. */
  'source:frozen': { readonly source: string; readonly unchangedMs: number }
  /** A finite source reached its end. */
  'source:ended': { readonly source: string; readonly run: number }
  /** The source is given up: no restart can mend the error. */
  'source:failed': { readonly source: string; readonly error: SnapmintError }
  /** Something the adapter wants the operator to know. */
  'source:notice': {
    readonly source: string
    readonly message: string
    readonly details?: Readonly<Record<string, unknown>> | undefined
  }
  /** A frame was refused and is not in the history. At most one event a second and code; `count` says how many since the last one. */
  'frame:rejected': { readonly source: string; readonly error: SnapmintError; readonly count: number }
}

/** What the clock reports. */
export interface ClockEvents {
  /**
   * The system's wall clock was stepped by `stepMs` against the monotonic clock. Forward steps are taken over at once; after a backward step the pipeline's
   * clock runs a little slower until both agree, so that captureTime stays monotone.
   */
  'clock:stepped': { readonly stepMs: number; readonly action: 'adopted' | 'slewing' }
}

/** Every event of a pipeline. */
export interface PipelineEvents extends SourceEvents, ClockEvents {
  'pipeline:changed': { readonly state: PipelineState }
  /** A frame entered the history. */
  'frame:captured': {
    readonly source: string
    readonly captureTime: EpochMs
    readonly sequenceNumber: number
    readonly bytes: number
  }
  /** Jobs were claimed. */
  'jobs:claimed': { readonly route: string; readonly count: number }
  /** The job source cannot be reached; core tries again after `delayMs`. */
  'jobs:unavailable': {
    readonly route: string
    readonly operation: 'claim' | 'settle' | 'extend' | 'watch'
    readonly delayMs: number
    readonly error: SnapmintError
  }
  /** A claim reached its one outcome, and the job source has recorded it. */
  'job:settled': { readonly route: string; readonly id: string; readonly outcome: JobOutcome }
  /** The lease of a claim was lost: another host may have the job. Its work here is dropped; it counts as retried. */
  'lease:lost': { readonly route: string; readonly id: string }
  /** A sink failed; the put is tried again after `delayMs`. */
  'put:retrying': {
    readonly route: string
    readonly key: string
    readonly sink: string
    readonly attempt: number
    readonly delayMs: number
    readonly error: SnapmintError
  }
  /** A sink has stored a picture. */
  'put:stored': {
    readonly route: string
    readonly key: string
    readonly sink: string
    readonly uri: string
    readonly bytes: number
    readonly durationMs: number
  }
  /** A sink failed for good; the jobs of that picture are settled `failed`. */
  'put:failed': {
    readonly route: string
    readonly key: string
    readonly sink: string
    readonly attempts: number
    readonly error: SnapmintError
  }
  /**
   * `count` pictures could not be held on disk, or their holds not be recorded, since the last such event (at most one a second). They are delivered from memory, as without
   * `holds`; after a kill their jobs would get later pictures.
   */
  'hold:failed': { readonly error: SnapmintError; readonly count: number }
  /**
   * `count` holds are gone before their job was settled. `changed`: the job asks for something else now. `expired`: older than `maxAgeMs`. `full`: the oldest made room.
   * `damaged`: the picture's file is missing or not what was written. `torn`: lines of the journal that cannot be read; a kill leaves one. `unreadable`: the whole
   * journal, of another version perhaps.
   */
  'hold:dropped': {
    readonly reason: 'changed' | 'expired' | 'full' | 'damaged' | 'torn' | 'unreadable'
    readonly count: number
  }
  /** An adapter could not be closed in good order while the pipeline stopped. */
  'close:failed': { readonly adapter: string; readonly error: SnapmintError }
  /** A listener threw. The pipeline goes on. */
  'listener:failed': { readonly event: string; readonly error: SnapmintError }
}
