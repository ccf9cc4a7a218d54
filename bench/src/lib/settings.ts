/** How long a long benchmark runs: `SNAPMINT_BENCH_SECONDS` makes it shorter, for a quick check. */
export function benchSeconds(usual: number): number {
  const text = process.env.SNAPMINT_BENCH_SECONDS
  if (text === undefined || text === '') return usual
  const seconds = Number(text)
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new RangeError(`Expected SNAPMINT_BENCH_SECONDS to be a number of seconds above 0, got "${text}"`)
  }
  return seconds
}

/** Collects garbage, where Node was started with `--expose-gc`, as `npm run bench` does. */
export function collectGarbage(): void {
  for (let round = 0; round < 3; round++) globalThis.gc?.()
}
