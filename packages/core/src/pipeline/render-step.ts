import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { Snapshot } from '../spec/media.js'
import { bounded, isAbortOf } from '../util/abort.js'
import { sha256Hex } from '../util/sha256.js'
import type { AnyRoute } from './route-options.js'

/** How long a render step may take, in ms. */
const RENDER_TIMEOUT_MS = 30_000

/**
 * Applies a route's render step.
 *
 * @throws `SNAPMINT_RENDER_FAILED`
 */
export async function applyRender(render: AnyRoute['render'], snapshot: Snapshot, signal: AbortSignal): Promise<Snapshot> {
  if (render === undefined) return snapshot
  const timeoutError = () => failed(snapshot, `it took longer than ${RENDER_TIMEOUT_MS} ms`)
  try {
    const work = (aborted: AbortSignal) => render(snapshot, { signal: aborted })
    const rendered = await bounded(work, { signal, timeoutMs: RENDER_TIMEOUT_MS, timeoutError })
    if (!(rendered?.data instanceof Uint8Array) || rendered.data.byteLength === 0) throw failed(snapshot, 'it answered no data')
    const sha256 = await sha256Hex(rendered.data)
    return { ...snapshot, ...rendered, sha256 }
  } catch (error) {
    if (isAbortOf(signal, error) || SnapmintError.isInstance(error)) throw error
    throw failed(snapshot, errorMessage(error), error)
  }
}

function failed({ source, captureTime }: Snapshot, why: string, cause?: unknown): SnapmintError {
  return new SnapmintError(
    'SNAPMINT_RENDER_FAILED',
    `The render step failed on the picture of "${source}" at ${captureTime}: ${why}`,
    { cause },
  )
}
