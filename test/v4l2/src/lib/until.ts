import { setTimeout as sleep } from 'node:timers/promises'

const patienceMs = 150_000
const pollMs = 20

/**
 * Waits for a condition.
 * @param what "the device is gone"
 * @param tell what to say about the state of things when it does not come true
 */
export async function until(what: string, condition: () => boolean, tell: () => string = () => ''): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within ${patienceMs / 1000} s: ${what}. ${tell()}`)
    await sleep(pollMs)
  }
}
