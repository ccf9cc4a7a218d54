/** A picture that came while somebody waited so long for it is new, whatever came before. */
const surelyNewMs = 100
/** One slow read may be the machine's fault. */
const wantedWaits = 2

/**
 * Tells when the pictures that a server sent from its memory at the connect have been read. Nothing says that they are old; but they are there at once, while one has to wait for a new one.
 * A device that is never waited for is read as fast as it can be: it gets `patienceMs`.
 * @returns whether the picture that took `readMs` is a new one; once true, always true.
 */
export function createBacklog(patienceMs: number, monotonicMs: () => number): (readMs: number) => boolean {
  const begun = monotonicMs()
  let fastestMs = Number.POSITIVE_INFINITY
  let waits = 0
  return (readMs) => {
    if (waits >= wantedWaits) return true
    if (readMs > 2 * fastestMs + 2) waits++
    if (readMs > surelyNewMs || monotonicMs() - begun > patienceMs) waits = wantedWaits
    fastestMs = Math.min(fastestMs, readMs)
    return waits >= wantedWaits
  }
}
