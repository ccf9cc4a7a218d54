import type { EpochMs, Frame, ImageFrame, VideoChunk } from './frame.js'

/** What core hands to a source for one run. */
export interface CaptureContext {
  /** Aborted when the run is to end: on `stop()`, or by the stall watchdog. End the iterable promptly, release the device. */
  readonly signal: AbortSignal
  /**
   * The pipeline's clock: wall time in epoch ms, advanced by the monotonic clock, the same in every thread and process of the pipeline.
   * It never runs backwards. Stamp frames with it where the device gives no time of its own.
   */
  now(): EpochMs
  /**
   * A writable area of the history's own memory. Fill it and yield a frame whose `data` is this view or a leading part of it, and no copy is made.
   * Valid until the next `allocate()` or the next yield, whichever comes first. Outside the capture thread (in a forked child) it is ordinary memory.
   *
   * @throws `SNAPMINT_FRAME_TOO_LARGE` when `byteLength` exceeds what the history can ever hold.
   */
  allocate(byteLength: number): Uint8Array
  /** Reports something the operator should know (the camera refused a mode, frames were dropped). Becomes the event `source:notice`. */
  notice?(message: string, details?: Readonly<Record<string, unknown>>): void
}

/** Where core runs a source: apart from the main thread. */
export interface SourceHost {
  /** `thread`: in a capture worker. `process`: in a forked child of that worker, for native modules that may crash. */
  readonly kind: 'thread' | 'process'
  /** An ES module whose default export is a {@link SourceFactory}. */
  readonly module: URL
  /** The factory's argument; structured-cloneable. */
  readonly options: unknown
  /** Environment variables added for a forked child. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** Default export of a {@link SourceHost} module. */
export type SourceFactory<Options = unknown> = (options: Options) => FrameSource

/** Turns a run of video chunks into a still. Called only when somebody asks for that picture. */
export interface StillDecoder {
  /**
   * Decodes the last chunk of `run`. Where that is damaged, or one that it needs, a decoder that can tell may answer the last sound chunk before it: the picture's
   * captureTime, that of its chunk, goes into the receipt, and `toleranceMs` is kept. A picture that is in part made up is no answer: throw.
   * @param run a key chunk and its deltas up to the wanted one; owned by the decoder.
   */
  decode(run: readonly VideoChunk<ArrayBuffer>[], context: { readonly signal: AbortSignal }): Promise<ImageFrame<ArrayBuffer>>
}

/** Something that produces frames: a camera, a screen, a stream, a file. Sources push; the device sets the pace. */
export interface FrameSource {
  readonly specVersion: 1
  /** Short name of the adapter, for errors and metrics: `ffmpeg`. */
  readonly adapter: string
  /**
   * One run of the device. Nothing is opened before the first `next()`; ending, returning or aborting releases everything.
   * Throw to report a failure: a `SnapmintError` with `retryable: false` stops the source for good, anything else restarts it.
   */
  frames(context: CaptureContext): AsyncIterable<Frame>
  /** The material has an end (a file): ending is success and the source is not restarted. Default: every end is a disconnect. */
  readonly finite?: boolean | undefined
  /** How to run it apart from the main thread. Without it the source runs inline. */
  readonly host?: SourceHost | undefined
  /** Needed when frames are video chunks. */
  readonly decoder?: StillDecoder | undefined
}
