/** Helpers for repeated measurements: medians decide, and the spread is shown beside them. */

function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('Expected at least one measurement')
  return [...values].sort((a, b) => a - b)
}

export function median(values: readonly number[]): number {
  const sorted = ascending(values)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The smallest value that at least `fraction` of the values do not exceed. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = ascending(values)
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)]!
}

/** Median, least and greatest, as cells of a table row. */
export function spread(values: readonly number[]): [median: number, least: number, greatest: number] {
  return [median(values), Math.min(...values), Math.max(...values)]
}

/** `numerators[i] / denominators[i]`: the two were measured one right after the other, so that they share what else the machine did. */
export function pairedRatios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((value, index) => value / denominators[index]!)
}
