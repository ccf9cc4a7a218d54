/** Tells that frames were dropped: at once for the first, then at most once a second. */
export function createDropCounter(monotonicMs: () => number, tell: (count: number) => void) {
  let count = 0
  let told = Number.NEGATIVE_INFINITY

  function flush(): void {
    if (count === 0) return
    tell(count)
    told = monotonicMs()
    count = 0
  }

  return {
    add(): void {
      count++
      if (monotonicMs() - told >= 1000) flush()
    },
    flush,
  }
}
