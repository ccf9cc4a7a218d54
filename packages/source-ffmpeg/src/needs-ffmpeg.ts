/**
 * Thrown by a player, before its first frame, for an input that it cannot play but FFmpeg may: the run goes on with FFmpeg. Never leaves this package.
 * Its message says why, as the end of a sentence: "the stream is VP8".
 */
export class NeedsFfmpeg extends Error {
  override readonly name = 'NeedsFfmpeg'
}
