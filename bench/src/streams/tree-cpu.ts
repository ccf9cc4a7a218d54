import { readdirSync, readFileSync } from 'node:fs'

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  } catch {
    return []
  }
}

/** The processes below each one. */
function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    // The second field, the name in brackets, may hold blanks.
    const parent = Number(
      read(`/proc/${pid}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    )
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  return children
}

/**
 * Seconds that a process, all its threads and all processes below it have spent on processors so far, by the scheduler's own accounting in ns. Threads and processes that
 * have ended no longer count: meant for what runs on. Linux only.
 */
export function treeCpuSeconds(pid: number, children = childrenByParent()): number {
  const own = threadsOf(pid).reduce((sum, thread) => sum + cpuOf(thread), 0)
  return (children.get(pid) ?? []).reduce((sum, child) => sum + treeCpuSeconds(child, children), own)
}

const cpuOf = (thread: string) => Number(read(`${thread}/schedstat`).split(' ')[0]) / 1e9
