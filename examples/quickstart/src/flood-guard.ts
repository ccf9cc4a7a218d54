/** Prints what comes up to a rate that a person can read; of the rest, how much it was. */
export interface FloodGuard {
  print(line: string): void
  /** Begins a new window, after a line about what was left out of the last one. */
  nextWindow(): void
}

/** @param most lines of one window. */
export function createFloodGuard(print: (line: string) => void, most: number): FloodGuard {
  let printed = 0
  let leftOut = 0
  return {
    print(line) {
      if (printed++ < most) print(line)
      else leftOut++
    },
    nextWindow() {
      if (leftOut > 0) print(`  … and ${leftOut} more`)
      printed = 0
      leftOut = 0
    },
  }
}
