/** Shorter than this, a read says nothing. */
const leastWaitMs = 2
/** One slow read may be the machine's fault. */
const wantedWaits = 2

export interface ReadCost {
  /** How long the read took. */
  readonly wallMs: number
  /** How much processor time the process spent meanwhile. */
  readonly cpuMs: number
}

/**
 * Tells when the pictures that a server sent from its memory at the connect have been read. Nothing says that they are old; but they are there at once and cost only their decoding, while one
 * has to wait for a new one. A device that is never waited for is read as fast as it can be: it gets `patienceMs`.
 * @returns whether the picture that cost so much to read is a new one; once true, always true.
 */
export function createBacklog(patienceMs: number): (cost: ReadCost) => boolean {
  let passedMs = 0
  let waits = 0
  return ({ wallMs, cpuMs }) => {
    if (waits >= wantedWaits) return true
    passedMs += wallMs
    waits = wallMs > leastWaitMs && cpuMs < wallMs / 2 ? waits + 1 : 0
    if (passedMs > patienceMs) waits = wantedWaits
    return waits >= wantedWaits
  }
}
