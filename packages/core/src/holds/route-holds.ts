import type { CheckedRequest } from '../delivery/select-frames.js'
import type { Snapshot } from '../spec/media.js'
import type { HeldPicture } from './hold-records.js'

/** A request of a job, to be answered by a picture. */
export interface HoldRequest {
  readonly jobId: string
  readonly request: CheckedRequest
}

/** The holds of one route. Nothing here rejects but {@link read}; nothing waits longer than some seconds for the disk. */
export interface RouteHolds {
  /** A claim of the job has come: holds of requests that it does not have (any more) are dropped. */
  claimed(jobId: string, requests: readonly CheckedRequest[]): void
  /** The picture held for a request of a job. */
  find(jobId: string, request: CheckedRequest): HeldPicture | undefined
  /**
   * The held picture, its bytes compared with what was written.
   *
   * @throws `SNAPMINT_HOLD_FAILED` when it is not what it was; the hold is gone then.
   */
  read(picture: HeldPicture): Promise<Snapshot>
  /** Writes a picture. `undefined` when it cannot be held. */
  keep(media: Snapshot): Promise<HeldPicture | undefined>
  /** Whether the picture is still on the disk. */
  has(picture: HeldPicture): boolean
  /** Records that the picture answers these requests. They are on record when this is called, and on the disk when it resolves. */
  record(wants: readonly HoldRequest[], picture: HeldPicture): Promise<void>
  /** A claim of the job has ended: with an outcome that its source has recorded, or without. */
  left(jobId: string, settled: boolean): void
}
