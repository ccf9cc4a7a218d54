import { setTimeout as sleep } from 'node:timers/promises'

/** How many resources of each kind keep the event loop alive, by Node's names: `Timeout`, `TCPSocketWrap`, `ProcessWrap` … */
export type ResourceCensus = ReadonlyMap<string, number>

export function takeCensus(): ResourceCensus {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  counts.delete('Immediate')
  return counts
}

/** The kinds of which there are at least `threshold` more than in `before`, for people: `3 × Timeout`. */
export function grownKinds(before: ResourceCensus, threshold: number): string[] {
  return [...takeCensus()]
    .map(([kind, count]) => ({ kind, growth: count - (before.get(kind) ?? 0) }))
    .filter(({ growth }) => growth >= threshold)
    .map(({ kind, growth }) => `${growth} × ${kind}`)
}

/**
 * Waits up to `timeoutMs` for growth to vanish: sockets take a moment to close.
 * The runner's own timers come and go, hence the threshold: what leaks does so once in each of `threshold` repetitions.
 */
export async function lastingGrowth(before: ResourceCensus, threshold: number, timeoutMs: number): Promise<string[]> {
  const endsAt = performance.now() + timeoutMs
  for (;;) {
    await sleep(10)
    const grown = grownKinds(before, threshold)
    if (grown.length === 0 || performance.now() >= endsAt) return grown
  }
}
