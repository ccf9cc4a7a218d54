import type { PutOptions } from '../delivery/put-media.js'
import type { Select } from '../delivery/select-frames.js'
import type { LookupOptions } from '../history/frame-info.js'
import type { FrameSink } from '../spec/frame-sink.js'
import type { Job, JobSource } from '../spec/job-source.js'
import type { Snapshot } from '../spec/media.js'

/** What a render step answers; the provenance stays. */
export type Rendered = Pick<Snapshot, 'data' | 'mimeType'> & Partial<Pick<Snapshot, 'codedWidth' | 'codedHeight' | 'rotation'>>

export interface RouteTuning extends LookupOptions {
  /**
   * How far ahead of its moment a job is held, and for how long after it a frame is waited for, in ms. A job farther ahead is handed back until it is
   * near. Default 60,000.
   */
  readonly waitMs?: number
  /** Lease asked for, renewed at half-life, in ms. Default 30,000. */
  readonly leaseMs?: number
  /** Most jobs of one claim. Default 500. */
  readonly claimMax?: number
  /** Most jobs being delivered at once. Default 1,000. */
  readonly maxInFlight?: number
  /** Most jobs waiting for a coming moment. Default 10,000; more are handed back for a second. */
  readonly maxWaiting?: number
  /** Bytes of pictures copied out of the history and not stored yet; above it no more jobs are claimed. Default 256 MiB. */
  readonly maxBytesInFlight?: number
  /** Retries of each sink. */
  readonly put?: PutOptions
}

interface RouteBase<J> extends RouteTuning {
  /** Name in events, figures and errors. Default: `route-<n>`; in the short form `jobs`. */
  readonly name?: string
  readonly jobs: JobSource<J>
  /** Each stores every picture; a job is done when all have. At least one. */
  readonly sinks: readonly FrameSink[]
  /** Makes another still of a snapshot: rotated, cropped, marked. Called once for each distinct picture. */
  readonly render?: (snapshot: Snapshot, context: { readonly signal: AbortSignal }) => Rendered | Promise<Rendered>
}

/** Whether a job says itself which frame it wants: a moment, and a source of this pipeline, any string (checked when it comes), or none. */
type SaysItself<Source extends string, J> = [J] extends [Pick<Job, 'targetTime'>]
  ? 'source' extends keyof J
    ? [J['source']] extends [Source | undefined]
      ? true
      : string extends J['source']
        ? true
        : false
    : true
  : false

/** A job that does not say itself which frame it wants, or names a source that this pipeline does not have, needs a `select`. */
export type SelectOption<Source extends string, J> =
  SaysItself<Source, J> extends true ? { readonly select?: Select<J, Source> } : { readonly select: Select<J, Source> }

/** Jobs → select → render → sinks. */
export type Route<Source extends string = string, J = Job> = RouteBase<J> & SelectOption<Source, J>

/** A route as the runtime sees it. */
export type AnyRoute = RouteBase<unknown> & { readonly select?: Select<never> }

export const routeDefaults = {
  waitMs: 60_000,
  leaseMs: 30_000,
  claimMax: 500,
  maxInFlight: 1_000,
  maxWaiting: 10_000,
  maxBytesInFlight: 256 * 2 ** 20,
} as const
