import type { SourceAccess } from '../delivery/source-access.js'

interface ClaimRoomOptions {
  readonly maxInFlight: number
  readonly maxBytesInFlight: number
  readonly sources: ReadonlyMap<string, SourceAccess>
  inFlight(): number
  /** Of those in flight: waiting for a coming moment. */
  waiting(): number
}

/**
 * How many more jobs a route may claim. Jobs that wait for a coming moment hold no bytes and keep nobody out. Bytes are estimated before the claim
 * (each job another frame, as large as lately), because a job once claimed gets its picture copied out at once, budget or not: a rolling history must not
 * lose it.
 */
export function createClaimRoom({ maxInFlight, maxBytesInFlight, sources, inFlight, waiting }: ClaimRoomOptions) {
  let heldBytes = 0
  let typicalBytes = 0

  function expectedBytes(): number {
    if (typicalBytes > 0) return typicalBytes
    const sizes = [...sources.values()].map(({ reader }) => reader.newest()?.bytes ?? 1)
    return Math.max(1, ...sizes)
  }

  return {
    heldBytes: () => heldBytes,
    hold(change: number): void {
      heldBytes += change
      if (change > 0) typicalBytes = typicalBytes === 0 ? change : typicalBytes * 0.9 + change * 0.1
    },
    capacity(): number {
      const byCount = maxInFlight - (inFlight() - waiting())
      const byBytes = Math.floor((maxBytesInFlight - heldBytes) / expectedBytes())
      // One at a time is always served, however large.
      return heldBytes === 0 ? Math.min(byCount, Math.max(1, byBytes)) : Math.min(byCount, byBytes)
    },
  }
}
