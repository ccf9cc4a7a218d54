import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/*
 * Who holds a claim, or a folder of held pictures: `<host>.<pid>.<start>.<instance>`. A claim whose owner is known to be dead is recovered at once; any other when its lease ends.
 *
 * - host: a hash of the host's name, its machine id and its pid namespace: pids say nothing about processes of another namespace. A container whose
 *   name is its id (Docker's default) is known by that alone: it keeps it when it is restarted, and no two have the same.
 * - start: when the process began, as Linux counts it: a pid that was given to another process (in a container it is always 1) is told from its
 *   former bearer. `unknown` where there is no /proc.
 * - instance: several users in one process.
 */

export interface Owner {
  /** Names this instance in claims. */
  readonly name: string
  /** Whether the process of another owner is known to have ended. */
  isDead(owner: string): boolean
}

export function createOwner(): Owner {
  const host = hostKey()
  const self = readProcess(process.pid)
  const name = `${host}.${process.pid}.${self?.start ?? 'unknown'}.${randomBytes(4).toString('hex')}`
  return {
    name,
    isDead(owner) {
      const [otherHost, pid = '', start] = owner.split('.')
      if (otherHost !== host || (pid === String(process.pid) && start === self?.start)) return false
      const found = readProcess(Number(pid))
      if (found === undefined) return !isRunning(Number(pid))
      return found.hasEnded || found.start !== start
    },
  }
}

function hostKey(): string {
  const host = hostname()
  const namespace = /^[0-9a-f]{12}$/.test(host) ? '' : attempt(() => readlinkSync('/proc/self/ns/pid'))
  const machine = attempt(() => readFileSync('/etc/machine-id', 'utf8'))
  return createHash('sha256').update([host, machine, namespace].join('\n')).digest('hex').slice(0, 8)
}

interface ProcessStatus {
  /** Clock ticks between the boot and the start of the process. */
  readonly start: string
  /** Only its exit status is left. */
  readonly hasEnded: boolean
}

/** Undefined where there is no /proc, or no such process in it. */
function readProcess(pid: number): ProcessStatus | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The second field is the program's name in parentheses, which may hold anything; the state is the third, the start the 22nd.
  const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const start = rest[18]
  return start === undefined ? undefined : { start, hasEnded: state === 'Z' || state === 'X' }
}

/** A process of another user may be hidden from /proc, and answers EPERM. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
