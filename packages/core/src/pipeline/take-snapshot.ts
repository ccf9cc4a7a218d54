import { checkAnswer } from '../delivery/check-answer.js'
import { isCaptured, untilCaptured } from '../delivery/moment.js'
import { renderSnapshot } from '../delivery/render.js'
import type { LookupOptions } from '../history/frame-info.js'
import type { EpochMs } from '../spec/frame.js'
import type { Snapshot } from '../spec/media.js'
import { expectKnownOptions, expectNumber, expectOneOf } from '../util/expect-option.js'
import type { AskedSnapshot, SnapshotOptions } from './pipeline.js'
import { routeDefaults } from './route-options.js'
import type { SourceRuntime } from './source-runtime.js'

/** Pictures being made, so that a thousand calls for one frame at a time make one copy of it. */
const underway = new WeakMap<SourceRuntime, Map<EpochMs, Promise<Snapshot>>>()

/**
 * The picture of a moment, straight from the history.
 *
 * @param ending aborts when the pipeline stops.
 */
export async function takeSnapshot(
  source: SourceRuntime,
  options: SnapshotOptions,
  now: () => EpochMs,
  ending: AbortSignal,
): Promise<AskedSnapshot> {
  checkSnapshotOptions(options)
  const { at = source.reader.newest()?.captureTime ?? now(), waitMs = routeDefaults.waitMs, signal, match, toleranceMs } = options
  const abort = new AbortController()
  const onAbort = () => abort.abort(signal?.reason)
  const onEnding = () => abort.abort(ending.reason)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  ending.addEventListener('abort', onEnding, { once: true })
  try {
    abort.signal.throwIfAborted()
    if (!isCaptured(source, at)) await untilCaptured(source, at, { waitMs, now }, abort.signal)
    const snapshot = await makeSnapshot(source, at, { match, toleranceMs }, ending)
    abort.signal.throwIfAborted()
    checkAnswer(source.name, at, { match, toleranceMs }, snapshot.captureTime)
    return { ...snapshot, targetTime: at, offsetMs: snapshot.captureTime - at }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    ending.removeEventListener('abort', onEnding)
  }
}

function makeSnapshot(source: SourceRuntime, at: EpochMs, lookup: LookupOptions, ending: AbortSignal): Promise<Snapshot> {
  const making = underway.get(source) ?? new Map<EpochMs, Promise<Snapshot>>()
  underway.set(source, making)
  const known = making.get(source.reader.lookup(at, lookup).captureTime)
  if (known !== undefined) return known
  const held = source.reader.hold(at, lookup)
  const { captureTime } = held.info
  const made = renderSnapshot(source.name, held, source.decoder, ending).finally(() => making.delete(captureTime))
  making.set(captureTime, made)
  return made
}

function checkSnapshotOptions(options: SnapshotOptions): void {
  expectKnownOptions('snapshot', options, ['at', 'waitMs', 'signal', 'match', 'toleranceMs'])
  const { at, waitMs, match, toleranceMs } = options
  if (at !== undefined) expectNumber('at', at)
  if (waitMs !== undefined) expectNumber('waitMs', waitMs, { min: 0 })
  if (toleranceMs !== undefined) expectNumber('toleranceMs', toleranceMs, { min: 0 })
  if (match !== undefined) expectOneOf('match', match, ['closest', 'before', 'after'])
}
