import { fromPlainError, type PlainError, toPlainError } from '../errors/plain-error.js'
import type { SnapmintError } from '../errors/snapmint-error.js'
import type { HistoryHandle } from '../history/history.js'
import type { SourceEvents } from '../observe/pipeline-events.js'
import type { ClockHandle, ClockLine } from '../time/pipeline-clock.js'
import type { CaptureSettings } from './capture-options.js'
import type { SourceEmit, SupervisorOutcome } from './capture-supervisor.js'
import { showValue } from './source-error.js'

/*
 * What passes between the main thread, the capture worker and its forked child.
 *
 *   main thread ── workerData ──▶ worker ── start ──▶ child
 *               ── stop ────────▶        ── clock, abort ──▶
 *               ◀── event, finished ──    ◀── frame, notice, finished ──
 *
 * Frames never pass through the main thread: the worker writes the history, which is shared memory, and so are the figures (capture-board.ts).
 */

/** Where a source runs; its module as a string, since a URL cannot be cloned. */
export interface PlainHost {
  readonly kind: 'thread' | 'process'
  readonly module: string
  readonly options: unknown
  readonly env: Readonly<Record<string, string>>
}

/** The capture worker's `workerData`. */
export interface CaptureWorkerData {
  readonly name: string
  readonly adapter: string
  readonly finite: boolean
  readonly host: PlainHost
  readonly history: HistoryHandle
  readonly clock: ClockHandle
  readonly board: SharedArrayBuffer
  readonly settings: CaptureSettings
}

export type MessageToWorker = { readonly type: 'stop' }

export type MessageFromWorker =
  | { readonly type: 'event'; readonly event: keyof SourceEvents; readonly payload: unknown }
  | { readonly type: 'finished'; readonly outcome: SupervisorOutcome }

export type MessageToChild =
  | {
      readonly type: 'start'
      readonly adapter: string
      readonly module: string
      readonly options: unknown
      readonly clock: ClockLine
    }
  | { readonly type: 'clock'; readonly clock: ClockLine }
  | { readonly type: 'abort' }

export type MessageFromChild =
  /** What the source yielded: not checked yet. */
  | { readonly type: 'frame'; readonly frame: unknown }
  | { readonly type: 'notice'; readonly message: string; readonly details?: Readonly<Record<string, unknown>> | undefined }
  /** The run is over; without an error it ended by itself. The child exits. */
  | { readonly type: 'finished'; readonly error?: PlainError }

/** An event as a message: its error in plain form, its details cloneable. */
export function packEvent<K extends keyof SourceEvents>(event: K, payload: SourceEvents[K]): MessageFromWorker {
  const packed: Record<string, unknown> = { ...payload }
  if ('error' in payload) packed.error = toPlainError(payload.error)
  if ('details' in payload) packed.details = cloneable(payload.details)
  return { type: 'event', event, payload: packed }
}

/** Emits an event that {@link packEvent} packed. */
export function emitPacked(message: MessageFromWorker & { type: 'event' }, emit: SourceEmit): void {
  const payload = message.payload as Record<string, unknown>
  const revived = payload.error === undefined ? payload : { ...payload, error: reviveError(payload.error as PlainError) }
  emit(message.event, revived as never)
}

/** The SnapmintError of a message; only SnapmintErrors are sent. */
function reviveError(plain: PlainError): SnapmintError {
  return fromPlainError(plain) as SnapmintError
}

/** `details` as they can be sent: what cannot be cloned as text. */
export function cloneable(details: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> | undefined {
  if (details === undefined) return undefined
  const entries = Object.entries(details).map(([key, value]) => {
    try {
      return [key, structuredClone(value)]
    } catch {
      return [key, showValue(value)]
    }
  })
  return Object.fromEntries(entries)
}
