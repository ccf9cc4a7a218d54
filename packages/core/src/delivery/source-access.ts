import type { FrameWaiter } from '../history/frame-waiter.js'
import type { HistoryReader } from '../history/history-reader.js'
import type { StillDecoder } from '../spec/frame-source.js'

/** What the delivery side sees of a source: its history, never its device. */
export interface SourceAccess {
  readonly name: string
  readonly reader: HistoryReader
  readonly waiter: FrameWaiter
  readonly decoder: StillDecoder | undefined
  /** Whether no further frame will ever come: the material ended, or the source failed for good. */
  exhausted(): boolean
}
