import type { Media } from './media.js'

export interface PutContext {
  /** `<source>/<captureTime>.<extension>`: the same for the same picture, so that a repeated put rewrites the same object. */
  readonly key: string
  /** Ids of the jobs that the picture answers, at the time of the put. */
  readonly jobIds: readonly string[]
  readonly signal: AbortSignal
}

/** Where pictures go. Called once per distinct picture, never once per job. Adapters classify errors; core retries. */
export interface FrameSink {
  readonly specVersion: 1
  readonly adapter: string
  /** Puts at the same time. Default 8. */
  readonly maxInFlight?: number | undefined
  /** Stores the media durably, then resolves with where it is. Repeating a put is harmless. */
  put(media: Media, context: PutContext): Promise<{ readonly uri: string }>
  /** Releases everything. Called once, after the last `put`. */
  close?(): Promise<void>
}
