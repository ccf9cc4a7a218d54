/** Pseudo-random numbers that depend on nothing but their seeds. */
export interface Random {
  /** From `min` up to but not including `max`. */
  range(min: number, max: number): number
  /** From `min` up to and including `max`. */
  integer(min: number, max: number): number
  pick<T>(items: readonly T[]): T
}

/** Mulberry32, started from a mix of the seeds. */
export function createRandom(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9
  for (const seed of seeds) {
    // Both halves count, so that large seeds differ too.
    state = Math.imul(state ^ (seed | 0), 0x85ebca6b) ^ Math.imul((seed / 2 ** 32) | 0, 0xc2b2ae35)
    state ^= state >>> 15
  }
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    range: (min, max) => min + (max - min) * next(),
    integer: (min, max) => min + Math.floor((max - min + 1) * next()),
    pick: (items) => items[Math.floor(items.length * next())]!,
  }
}
