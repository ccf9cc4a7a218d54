import assert from 'node:assert/strict'
import { clearTimeout, setTimeout } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits for `work`, but no longer than the deadline that it belongs to.
 * @param what what should have happened, as in "claim() did not *resolve*": it opens the failure's message.
 * @throws AssertionError when the deadline passes first.
 */
export type Within = <T>(what: string, work: PromiseLike<T> | T) => Promise<T>

/**
 * One deadline for any number of steps, counted from this call. A hanging adapter fails with the step's name, long before the
 * runner's own timeout would say only that the test took too long.
 */
export function createDeadline(timeoutMs: number): Within {
  const endsAt = performance.now() + timeoutMs
  return async (what, work) => {
    let timer: NodeJS.Timeout | undefined
    const expired = new Promise<never>((_resolve, reject) => {
      const expire = () =>
        reject(new assert.AssertionError({ message: `${what}: this did not happen within ${timeoutMs} ms`, operator: 'within' }))
      timer = setTimeout(expire, Math.max(0, endsAt - performance.now()))
    })
    try {
      return await Promise.race([work, expired])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Waits until `condition` holds, looking every few ms. @throws AssertionError `message` when it does not within `timeoutMs`. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  { timeoutMs, message }: { readonly timeoutMs: number; readonly message: () => string },
): Promise<void> {
  const endsAt = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() >= endsAt) assert.fail(message())
    await sleep(10)
  }
}

/** How long a harness may take to clear up. With the default deadline of a rule it stays below the 5 s after which most runners lose patience. */
export const teardownMs = 1500
