/** Milliseconds since the Unix epoch. A double: it resolves a quarter of a microsecond today. */
export type EpochMs = number

/** MIME type of a still picture, such as `image/jpeg`. */
export type ImageMimeType = `image/${string}`

/** Clockwise rotation, in degrees, that makes the picture upright. */
export type Rotation = 0 | 90 | 180 | 270

interface FrameBase<B extends ArrayBufferLike> {
  /**
   * When the device exposed or stamped the picture. Strictly increasing within one run of a source, by at least one microsecond.
   * Never the time at which the event loop got round to reading it.
   */
  readonly captureTime: EpochMs
  /**
   * The encoded bytes. Ownership passes with the yield: the producer does not touch them again. Core copies them into the history
   * before it asks for the next frame, or not at all when they are the view that `allocate()` returned.
   */
  readonly data: Uint8Array<B>
  /** Width in pixels before rotation, where the producer knows it. */
  readonly codedWidth?: number | undefined
  /** Height in pixels before rotation, where the producer knows it. */
  readonly codedHeight?: number | undefined
  /** Default 0. */
  readonly rotation?: Rotation | undefined
}

/** One complete picture. */
export interface ImageFrame<B extends ArrayBufferLike = ArrayBufferLike> extends FrameBase<B> {
  readonly mimeType: ImageMimeType
}

/**
 * One chunk of a video stream, in decoding order. Terms are those of WebCodecs' `EncodedVideoChunk`.
 * H.264 and H.265 travel in Annex B form with their parameter sets before each key chunk, so that a run decodes by itself.
 */
export interface VideoChunk<B extends ArrayBufferLike = ArrayBufferLike> extends FrameBase<B> {
  /** Codec string, such as `avc1.42001f` (RFC 6381). */
  readonly codec: string
  /** A `key` chunk decodes alone; a `delta` needs every chunk since the key before it. */
  readonly type: 'key' | 'delta'
}

/** One encoded picture with its `captureTime`: a still, or one chunk of a video stream. */
export type Frame<B extends ArrayBufferLike = ArrayBufferLike> = ImageFrame<B> | VideoChunk<B>
