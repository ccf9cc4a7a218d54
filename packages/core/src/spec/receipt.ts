import type { EpochMs, ImageMimeType } from './frame.js'

/** One delivered picture of a job. */
export interface DeliveredFrame {
  readonly source: string
  /** The moment the job asked for. */
  readonly targetTime: EpochMs
  /** The moment the picture shows. */
  readonly captureTime: EpochMs
  /** `captureTime − targetTime`: negative when the picture is older than asked. */
  readonly offsetMs: number
  /** Where each sink of the route stored it, in the order of the route's sinks. */
  readonly uris: readonly string[]
  readonly mimeType: ImageMimeType
  readonly bytes: number
  /** Lower-case hexadecimal SHA-256 of the stored bytes. */
  readonly sha256: string
  /**
   * By how much the pipeline's clock differed from the system's wall clock when the picture was looked up (pipeline − wall), when that was more
   * than 50 ms: the wall clock was stepped back and the pipeline's has not yet come round. See the guide on time.
   */
  readonly clockErrorMs?: number | undefined
}

/** What was delivered for a job: one entry for each picture that its `select` named. */
export interface Receipt {
  readonly frames: readonly DeliveredFrame[]
}
