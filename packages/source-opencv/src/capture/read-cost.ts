import type { ReadCost } from '../time/backlog.js'

/** Starts to measure; the result tells what has been spent since. */
export function measureCost(): () => Omit<ReadCost, 'positionMs'> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return { wallMs: performance.now() - begun, cpuMs: (user + system) / 1000 }
  }
}
