import { setTimeout as sleep } from 'node:timers/promises'
import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { Emit } from '../observe/event-bus.js'
import type { FrameSink } from '../spec/frame-sink.js'
import type { Media } from '../spec/media.js'
import { bounded, isAbortOf } from '../util/abort.js'
import { backoffMs } from '../util/backoff.js'
import type { Semaphore } from '../util/semaphore.js'

export interface PutOptions {
  /** Tries before the put has failed for good. Default 30: with the other defaults, an outage of about ten minutes is survived. */
  readonly maxAttempts?: number
  /** How long one try may take, in ms. Default 60,000. */
  readonly timeoutMs?: number
  /** Ceiling of the first delay between tries, in ms. Default 250. */
  readonly initialDelayMs?: number
  /** Ceiling of every delay between tries, in ms. Default 30,000. */
  readonly maxDelayMs?: number
}

export const putDefaults = { maxAttempts: 30, timeoutMs: 60_000, initialDelayMs: 250, maxDelayMs: 30_000 } as const

interface PutterOptions {
  readonly route: string
  readonly sink: FrameSink
  /** The sink's places, which all its routes share. */
  readonly places: Semaphore
  readonly options: Required<PutOptions>
  readonly emit: Emit
  readonly random: () => number
}

export interface PutRequest {
  readonly media: Media
  readonly key: string
  readonly jobIds: () => readonly string[]
  readonly signal: AbortSignal
}

/**
 * Puts media into one sink: at most `maxInFlight` at a time, each try bounded in time, again with growing pauses while the error is
 * retryable. A place is held only while a try runs: one that waits for its next try does not keep others out. A try that goes on after it was given up
 * keeps its place for as long again, so that a slow service is not flooded.
 */
export function createPutter({ route, sink, places, options, emit, random }: PutterOptions) {
  const backoff = { initialMs: options.initialDelayMs, maxMs: options.maxDelayMs }

  async function tryOnce({ media, key, jobIds, signal }: PutRequest): Promise<string> {
    const timeoutError = () =>
      new SnapmintError('SNAPMINT_SINK_TIMEOUT', `The ${sink.adapter} sink did not store ${key} within ${options.timeoutMs} ms`, {
        retryable: true,
        adapter: sink.adapter,
      })
    const leave = await places.enter(signal)
    const startedAt = performance.now()
    let settled: Promise<unknown> = Promise.resolve()
    const put = (aborted: AbortSignal) => {
      const answer = new Promise<unknown>((resolve) => resolve(sink.put(media, { key, jobIds: [...jobIds()], signal: aborted })))
      settled = answer.then(leave, leave)
      return answer
    }
    try {
      const uri = uriOf(await bounded(put, { signal, timeoutMs: options.timeoutMs, timeoutError }), sink.adapter, key)
      emit('put:stored', {
        route,
        key,
        sink: sink.adapter,
        uri,
        bytes: media.data.byteLength,
        durationMs: performance.now() - startedAt,
      })
      return uri
    } finally {
      // Nobody waits for this: the place is left when the put settles, or after as long again.
      const limit = setTimeout(leave, options.timeoutMs).unref()
      settled.finally(() => clearTimeout(limit)).catch(() => {})
    }
  }

  /**
   * Resolves to the uri.
   *
   * @throws the last error, a SnapmintError; or the signal's reason.
   */
  return async function put(request: PutRequest): Promise<string> {
    const { key, signal } = request
    for (let attempt = 1; ; attempt++) {
      try {
        return await tryOnce(request)
      } catch (thrown) {
        if (isAbortOf(signal, thrown)) throw signal.reason
        const error = sinkError(thrown, sink.adapter, key)
        if (!error.retryable || attempt >= options.maxAttempts) {
          emit('put:failed', { route, key, sink: sink.adapter, attempts: attempt, error })
          throw error
        }
        const delayMs = backoffMs(attempt, backoff, random, error.retryAfterMs)
        emit('put:retrying', { route, key, sink: sink.adapter, attempt, delayMs, error })
        await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    }
  }
}

function uriOf(result: unknown, adapter: string, key: string): string {
  const uri = typeof result === 'object' && result !== null && 'uri' in result ? result.uri : undefined
  if (typeof uri === 'string' && uri !== '') return uri
  const message = `The ${adapter} sink answered no uri for ${key}; put must resolve to { uri }`
  throw new SnapmintError('SNAPMINT_SINK_INVALID_RESULT', message, { adapter })
}

/** Errors that a sink did not classify are taken for passing ones. */
function sinkError(thrown: unknown, adapter: string, key: string): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const message = `The ${adapter} sink could not store ${key}: ${errorMessage(thrown)}`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { cause: thrown, retryable: true, adapter })
}
