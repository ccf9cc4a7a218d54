/** What `pipeline-process.mjs` answers: one mark for each camera, the newest picture that decodes alone. */
export interface Look {
  readonly marks: readonly { readonly counter?: number; readonly sequenceNumber?: number }[]
  /** Codecs and MIME types in the histories. */
  readonly formats: readonly string[]
  /** How long after its captureTime each of the last five seconds' frames was in the history, in ms. */
  readonly delays: readonly number[]
  /** Restarts of all sources so far. */
  readonly restarts: number
}

/** Frames that were sent and are not in a history: its numbers have no gaps, those in the pictures have. Infinity where a picture had no number. */
export function lostFrames(before: Look, after: Look): number {
  return before.marks.reduce((sum, from, index) => {
    const to = after.marks[index]
    const sent = (to?.counter ?? Number.NaN) - (from.counter ?? Number.NaN)
    const kept = ((to?.sequenceNumber ?? Number.NaN) - (from.sequenceNumber ?? Number.NaN)) >>> 0
    return Number.isFinite(sent) ? sum + sent - kept : Number.POSITIVE_INFINITY
  }, 0)
}
