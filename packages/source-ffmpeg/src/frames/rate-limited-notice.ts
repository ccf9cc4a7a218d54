import type { CaptureContext } from '@snapmint/core/adapter'

/** The same notice comes at most so often, in ms. */
const everyMs = 10_000

/**
 * Counts things that happen often and tells of them now and then.
 * @param describe makes the message of how many there were since the last one.
 */
export function createRateLimitedNotice(
  { now, notice }: Pick<CaptureContext, 'now' | 'notice'>,
  describe: (count: number, latest: string) => string,
): (count: number, latest?: string) => void {
  let pending = 0
  let lastTime = Number.NEGATIVE_INFINITY
  return (count, latest = '') => {
    pending += count
    if (now() - lastTime < everyMs) return
    lastTime = now()
    notice?.(describe(pending, latest), { count: pending })
    pending = 0
  }
}
