import { SnapmintError } from '../errors/snapmint-error.js'
import type { Emit } from '../observe/event-bus.js'
import { bounded } from '../util/abort.js'

/** How long an adapter's `close` may take. */
const CLOSE_MS = 5_000

/** Closes a job source or a sink. Never rejects: what goes wrong is an event. */
export async function closeAdapter(adapter: { readonly adapter: string; close?(): Promise<void> }, emit: Emit): Promise<void> {
  const timeoutError = () =>
    new SnapmintError('SNAPMINT_CLOSE_FAILED', `close() of ${adapter.adapter} did not end within ${CLOSE_MS} ms`)
  try {
    const never = new AbortController().signal
    await bounded(async () => adapter.close?.(), { signal: never, timeoutMs: CLOSE_MS, timeoutError })
  } catch (cause) {
    const message = `close() of ${adapter.adapter} failed`
    const error = SnapmintError.isInstance(cause) ? cause : new SnapmintError('SNAPMINT_CLOSE_FAILED', message, { cause })
    emit('close:failed', { adapter: adapter.adapter, error })
  }
}
