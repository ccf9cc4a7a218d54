import { timerDelay } from './delay.js'

/** Whether `error` is the abort of `signal` itself rather than a fault. */
export function isAbortOf(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
}

/** Settles as `promise` does, or rejects as soon as `signal` aborts. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

export interface BoundedOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** What the work is aborted with when the time is up. */
  timeoutError(): Error
}

/**
 * Runs work that talks to the world, and does not trust it to heed its signal: settles as the work does, or rejects as soon as `signal` aborts or
 * the time is up. What the work does after that is not looked at.
 *
 * @param work is given a signal of its own, which aborts in either case, and a way to say that it gets on: the time starts anew.
 * @throws the reason of `signal`, what `timeoutError` answers, or what the work throws.
 */
export function bounded<T>(
  work: (signal: AbortSignal, progress: () => void) => Promise<T> | T,
  { signal, timeoutMs, timeoutError }: BoundedOptions,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const release = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    const end = (reason: unknown) => {
      release()
      reject(reason)
      controller.abort(reason)
    }
    const onAbort = () => end(signal.reason)
    let timer: NodeJS.Timeout | undefined
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    timer = setTimeout(() => end(timeoutError()), timerDelay(timeoutMs))
    // `new Promise` turns a synchronous throw of the work into a rejection as well.
    new Promise<T>((settle) => settle(work(controller.signal, () => void timer?.refresh())))
      .then(resolve, reject)
      .finally(release)
  })
}
