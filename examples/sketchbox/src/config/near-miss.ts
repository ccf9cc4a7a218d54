/** Changes of one letter between two names: missing, superfluous, another one, or two swapped. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + cost)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? least) + 1)
      next.push(least)
    }
    before = row
    row = next
  }
  return row[b.length]!
}

/** Shorter names are too like one another. */
const shortest = 7

/** The known name that was most likely meant, if any is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const upper = name.toUpperCase()
  const near = known
    .map((candidate) => ({ candidate, changes: distance(upper, candidate) }))
    .filter(({ candidate, changes }) => changes <= (candidate.length >= shortest ? 2 : 0))
    .sort((a, b) => a.changes - b.changes)
  return near[0]?.candidate
}
