import { readFileSync } from 'node:fs'

/** What the calling thread, and no other of the process, has used so far. Linux only. */
export interface ThreadUsage {
  /** Time on a processor, in ms. */
  readonly cpuMs: number
  /** How often it went to sleep of its own accord: a thread that waits for a lock does, one that is merely interrupted does not. */
  readonly sleeps: number
}

export function threadUsage(): ThreadUsage {
  const [nanoseconds = ''] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')
  const [, sleeps] = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync('/proc/thread-self/status', 'utf8')) ?? []
  return { cpuMs: Number(nanoseconds) / 1e6, sleeps: Number(sleeps) }
}
