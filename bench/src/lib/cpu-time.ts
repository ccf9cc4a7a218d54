/**
 * Seconds that the process has spent on processors so far, all its threads together: garbage collection on the side counts, and what other processes do
 * meanwhile does not.
 */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
