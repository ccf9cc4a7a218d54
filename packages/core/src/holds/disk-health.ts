import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { Emit } from '../observe/event-bus.js'
import { bounded } from '../util/abort.js'

/** How long a picture waits for the disk, in ms, before it is delivered without a hold. */
const TIMEOUT_MS = 10_000
/** After a failure the disk is left alone for so long, in ms: a broken one must not cost every picture its time-out. */
const REST_MS = 2_000
/** At most one event in so many ms: pictures come by the hundred. */
const EVENT_MS = 1_000

export type DiskHealth = ReturnType<typeof createDiskHealth>

/** Keeps a broken disk out of the way of delivery: bounds every wait for it, gives it rests, and tells what could not be held. */
export function createDiskHealth(emit: Emit, { timeoutMs = TIMEOUT_MS, restMs = REST_MS } = {}) {
  let restsUntil = Number.NEGATIVE_INFINITY
  /** Operations that were given up and have not come back: a disk that hangs would otherwise collect the threads of the process. */
  let hanging = 0
  let untold = 0
  let toldAt = Number.NEGATIVE_INFINITY
  let lastError: SnapmintError | undefined

  function tell(error: SnapmintError): void {
    untold++
    if (performance.now() - toldAt < EVENT_MS) return
    const count = untold
    untold = 0
    toldAt = performance.now()
    emit('hold:failed', { error, count })
  }

  function failed(thrown: unknown): void {
    restsUntil = performance.now() + restMs
    lastError = holdError(thrown)
    tell(lastError)
  }

  const resting = () => hanging > 0 || performance.now() < restsUntil

  return {
    resting,
    failed,
    /** A picture is not held, for a reason that is no failure of the disk. */
    tell,
    /**
     * Runs work on the disk. Resolves to `undefined` when it failed, took too long, or was not tried at all because the disk rests. Never rejects.
     */
    async run<T>(work: () => Promise<T>): Promise<T | undefined> {
      if (resting()) {
        tell(lastError ?? holdError('the disk does not answer'))
        return undefined
      }
      let over = false
      let gaveUp = false
      const watched = () =>
        work().finally(() => {
          over = true
          if (gaveUp) hanging--
        })
      const timeoutError = () => holdError(`the disk did not answer within ${timeoutMs} ms`)
      try {
        return await bounded(watched, { signal: new AbortController().signal, timeoutMs, timeoutError })
      } catch (error) {
        if (!over) {
          gaveUp = true
          hanging++
        }
        failed(error)
        return undefined
      }
    },
  }
}

function holdError(thrown: unknown): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const message = `Pictures cannot be held on disk: ${errorMessage(thrown)}. They are delivered from memory; after a kill their jobs would get later ones`
  return new SnapmintError('SNAPMINT_HOLD_FAILED', message, { cause: thrown, retryable: true })
}
