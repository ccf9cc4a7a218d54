import type { EpochMs } from '@snapmint/core/adapter'

/** What is known about the time of one unit (a picture, an access unit) of a live input. */
export interface UnitTimes {
  /** When its last byte reached this process, on the pipeline's clock. */
  readonly arrival: EpochMs
  /** Its time on a clock of the input's own, in ms from any origin, unwrapped: an RTP timestamp, a pts. Left out where there is none. */
  readonly mediaMs?: number | undefined
  /** Its time by the sender's wall clock, in ms since the Unix epoch: from an RTCP sender report, or a header. Left out where there is none. */
  readonly senderTime?: EpochMs | undefined
}

export interface UnitDatingOptions<Unit> {
  /** Called with each unit in the order of `push`, captureTime strictly increasing. */
  readonly deliver: (unit: Unit, captureTime: EpochMs) => void
  /** The pipeline's clock. */
  readonly now: () => EpochMs
  /** Told of what the operator should know: which clock is used, a clock that jumped. */
  readonly notice: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/** Dates the units of a live input. */
export interface UnitDating<Unit> {
  push(unit: Unit, times: UnitTimes): void
  /** Delivers what is still held back. */
  end(): void
}
