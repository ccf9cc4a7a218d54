import { setTimeout as sleep } from 'node:timers/promises'

/** How many resources of each kind keep the event loop alive, by Node's names: `Timeout`, `TCPSocketWrap`, `ProcessWrap` … */
export type ResourceCensus = ReadonlyMap<string, number>

function countResources(): ResourceCensus {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  counts.delete('Immediate')
  return counts
}

/** What stays alive: of several counts a few ms apart the lowest of each kind, since the runner's own timers come and go. */
export async function takeCensus(): Promise<ResourceCensus> {
  let lowest = countResources()
  for (let time = 0; time < 5; time += 1) {
    await sleep(10)
    const counts = countResources()
    lowest = new Map([...lowest].map(([kind, count]) => [kind, Math.min(count, counts.get(kind) ?? 0)]))
  }
  return lowest
}

/** The kinds of which there are at least `threshold` more than in `before`, for people: `3 × Timeout`. */
export function grownKinds(before: ResourceCensus, threshold: number): string[] {
  return [...countResources()]
    .map(([kind, count]) => ({ kind, growth: count - (before.get(kind) ?? 0) }))
    .filter(({ growth }) => growth >= threshold)
    .map(({ kind, growth }) => `${growth} × ${kind}`)
}

/**
 * Waits up to `timeoutMs` for growth to vanish: sockets take a moment to close.
 * @param threshold one less than how often the thing was done that might leak: a timer of the runner's may have gone meanwhile.
 */
export async function lastingGrowth(before: ResourceCensus, threshold: number, timeoutMs: number): Promise<string[]> {
  const endsAt = performance.now() + timeoutMs
  for (;;) {
    await sleep(10)
    const grown = grownKinds(before, threshold)
    if (grown.length === 0 || performance.now() >= endsAt) return grown
  }
}
