import type { EpochMs, ImageMimeType } from './frame.js'
import type { JobError } from './job-error.js'

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

/** What was delivered for a job. */
export interface Receipt {
  /** One entry for each picture asked for. */
  readonly frames: readonly DeliveredFrame[]
  /** Of a job that named no source: the sources that had no picture of the moment, and why. Absent when all had. */
  readonly missing?: readonly { readonly source: string; readonly error: JobError }[] | undefined
}
