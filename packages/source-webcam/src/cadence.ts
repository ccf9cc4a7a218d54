/** The longest wait that timers can do. */
const longestTimerMs = 2 ** 31 - 1

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(milliseconds, longestTimerMs))
    signal.addEventListener('abort', done)
  })
}

export interface CadenceOptions {
  readonly intervalMs: number
  readonly now: () => number
  readonly signal: AbortSignal
  /** Injected by tests: waits about so long, returns early when `signal` aborts. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/**
 * Yields the number of the slot that is due, from 0, until `signal` aborts. Slot n is due at start + n × `intervalMs`, however long the work in the
 * slots before took. Slots that passed meanwhile are left out.
 */
export async function* cadence({
  intervalMs,
  now,
  signal,
  wait = sleep,
}: CadenceOptions): AsyncGenerator<number, void, undefined> {
  const start = now()
  let next = 0
  while (!signal.aborted) {
    const remainingMs = start + next * intervalMs - now()
    if (remainingMs > 0) {
      await wait(Math.ceil(remainingMs), signal)
      continue
    }
    const slot = Math.max(next, Math.floor((now() - start) / intervalMs))
    yield slot
    next = slot + 1
  }
}
