import { setTimeout as sleep } from 'node:timers/promises'
import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { Emit } from '../observe/event-bus.js'
import type { FrameSink } from '../spec/frame-sink.js'
import type { Media } from '../spec/media.js'
import { bounded, isAbortOf } from '../util/abort.js'
import { backoffMs } from '../util/backoff.js'
import { createSemaphore } from '../util/semaphore.js'

export interface PutOptions {
  /** Tries before the put has failed for good. Default 8. */
  readonly maxAttempts?: number
  /** How long one try may take, in ms. Default 60,000. */
  readonly timeoutMs?: number
  /** Ceiling of the first delay between tries, in ms. Default 250. */
  readonly initialDelayMs?: number
  /** Ceiling of every delay between tries, in ms. Default 30,000. */
  readonly maxDelayMs?: number
}

export const putDefaults = { maxAttempts: 8, timeoutMs: 60_000, initialDelayMs: 250, maxDelayMs: 30_000 } as const

interface PutterOptions {
  readonly route: string
  readonly sink: FrameSink
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
 * retryable. A place is held only while a try runs: one that waits for its next try does not keep others out.
 */
export function createPutter({ route, sink, options, emit, random }: PutterOptions) {
  const places = createSemaphore(sink.maxInFlight ?? 8)
  const backoff = { initialMs: options.initialDelayMs, maxMs: options.maxDelayMs }

  async function tryOnce({ media, key, jobIds, signal }: PutRequest): Promise<string> {
    const timeoutError = () =>
      new SnapmintError('SNAPMINT_SINK_TIMEOUT', `The ${sink.adapter} sink did not store ${key} within ${options.timeoutMs} ms`, {
        retryable: true,
        adapter: sink.adapter,
      })
    const put = (aborted: AbortSignal) => sink.put(media, { key, jobIds: jobIds(), signal: aborted })
    const result: unknown = await bounded(put, { signal, timeoutMs: options.timeoutMs, timeoutError })
    const uri = typeof result === 'object' && result !== null && 'uri' in result ? result.uri : undefined
    if (typeof uri === 'string' && uri !== '') return uri
    throw new SnapmintError(
      'SNAPMINT_SINK_INVALID_RESULT',
      `The ${sink.adapter} sink answered no uri for ${key}; put must resolve to { uri }`,
      {
        adapter: sink.adapter,
      },
    )
  }

  /**
   * Resolves to the uri.
   *
   * @throws the last error, a SnapmintError; or the signal's reason.
   */
  return async function put(request: PutRequest): Promise<string> {
    const { key, media, signal } = request
    for (let attempt = 1; ; attempt++) {
      let startedAt = 0
      try {
        const uri = await places.run(signal, () => {
          startedAt = performance.now()
          return tryOnce(request)
        })
        emit('put:stored', {
          route,
          key,
          sink: sink.adapter,
          uri,
          bytes: media.data.byteLength,
          durationMs: performance.now() - startedAt,
        })
        return uri
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

/** Errors that a sink did not classify are taken for passing ones. */
function sinkError(thrown: unknown, adapter: string, key: string): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const message = `The ${adapter} sink could not store ${key}: ${errorMessage(thrown)}`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { cause: thrown, retryable: true, adapter })
}
