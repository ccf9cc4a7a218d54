import type { CaptureOptions } from '../capture/capture-options.js'
import type { HistoryOptions } from '../history/history.js'
import type { HoldsOptions } from '../holds/holds-options.js'
import type { FrameSink } from '../spec/frame-sink.js'
import type { FrameSource } from '../spec/frame-source.js'
import type { JobSource } from '../spec/job-source.js'
import type { Route, RouteTuning, SelectOption } from './route-options.js'

export type Sources = Readonly<Record<string, FrameSource>>
/** Names of a pipeline's sources, as literals. */
export type SourceName<S> = keyof S & string

/** The history of every source. */
export interface PipelineHistoryOptions<Name extends string = string> {
  /** How far back each history reaches, in ms. Default 60,000. */
  readonly durationMs?: number
  /** Memory of all histories together, in bytes, divided evenly among the sources. Default 256 MiB. */
  readonly maxBytes?: number
  /** Sources that differ: what they have of their own is taken off the common `maxBytes` first. */
  readonly perSource?: { readonly [N in Name]?: HistoryOptions }
}

interface CommonOptions<Name extends string> {
  readonly history?: PipelineHistoryOptions<Name>
  /** Supervision of every source. */
  readonly capture?: CaptureOptions
  /**
   * Keep pictures that were matched to a job on disk until the job is settled: after a `kill -9` and a restart the job gets the very picture that it would have got, under the
   * same key. Default: they are held in memory only.
   */
  readonly holds?: HoldsOptions
  /** From 0 to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
}

/** The general form: named sources, any number of routes. */
export interface PipelineOptions<S extends Sources, Js extends readonly unknown[]> extends CommonOptions<SourceName<S>> {
  /** The cameras, screens and streams, by name. The name goes into keys, receipts and events. */
  readonly sources: S
  readonly routes?: { readonly [I in keyof Js]: Route<SourceName<S>, Js[I]> }
}

interface ShortPipelineBase<J> extends CommonOptions<'camera'>, RouteTuning {
  readonly source: FrameSource
  readonly jobs: JobSource<J>
  readonly sink: FrameSink
}

/** The short form: one source, called `camera`; one route, called `jobs`. */
export type ShortPipelineOptions<J> = ShortPipelineBase<J> & SelectOption<'camera', J>
