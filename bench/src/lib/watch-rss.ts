/** Watches the resident memory of the process from now on, in bytes. */
export function watchRss({ everyMs = 10 } = {}) {
  const before = process.memoryUsage.rss()
  const growth = () => process.memoryUsage.rss() - before
  let peak = 0
  const look = () => {
    peak = Math.max(peak, growth())
  }
  const timer = setInterval(look, everyMs)
  return {
    growth,
    /** Ends it. Returns the greatest growth seen. */
    stop(): number {
      clearInterval(timer)
      look()
      return peak
    },
  }
}
