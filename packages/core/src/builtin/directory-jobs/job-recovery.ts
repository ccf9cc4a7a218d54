import { join } from 'node:path'
import type { EpochMs } from '../../spec/frame.js'
import { errorNumber, type FileSystem } from '../../util/durable-files.js'
import { forEachLimit } from '../../util/for-each-limit.js'
import type { Owner } from '../../util/process-owner.js'
import type { HeldClaims } from './held-claims.js'
import { type ClaimName, parseClaimBaseName, waitingFileName } from './job-file-name.js'
import type { JobFolders } from './job-folders.js'
import type { JobRecords } from './job-records.js'

export interface JobRecoveryOptions {
  readonly files: FileSystem
  readonly folders: JobFolders
  readonly owner: Owner
  readonly held: HeldClaims
  readonly records: JobRecords
  readonly clock: () => EpochMs
}

export interface JobRecovery {
  /** Looks through `claimed/` when a lease has ended, and every second: for claims of dead processes, and for what they left half settled. */
  run(): Promise<void>
  /** A lease was given that ends then. */
  expect(expiresAt: EpochMs): void
}

interface Claimed extends ClaimName {
  readonly base: string
  readonly suffixes: readonly string[]
}

const everyMs = 1_000

const unknownOutcome = { outcome: undefined, mayBeUnread: true }

/** An outcome that is neither in force nor will be: its process is gone, whatever its clock says. */
const abandonedAfterMs = 3_600_000

export function createJobRecovery({ files, folders, owner, held, records, clock }: JobRecoveryOptions): JobRecovery {
  let dueAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined

  async function lookThrough(): Promise<void> {
    const now = clock()
    dueAt = now + everyMs
    const deaths = new Map<string, boolean>()
    const isDead = (name: string) => {
      const known = deaths.get(name) ?? owner.isDead(name)
      deaths.set(name, known)
      return known
    }
    const claims = groupByClaim(await files.readdir(folders.claimed))
    for (const { expiresAt } of claims) if (expiresAt > now) dueAt = Math.min(dueAt, expiresAt)
    const free = claims.filter(({ owner: holder, expiresAt }) => expiresAt <= now || isDead(holder))
    await forEachLimit(free, 16, (claim) => recover(claim, now, isDead(claim.owner)))
  }

  async function recover(claim: Claimed, now: EpochMs, dead: boolean): Promise<void> {
    const { base, suffixes } = claim
    const own = claim.owner === owner.name ? held.find(`${owner.name}-${claim.number}`) : undefined
    if (own !== undefined) {
      await held.exclusively(own, async () => {
        if (own.base !== base) return
        // Core gave up a settle that was half done; or the lease has ended, which its holder learns from the next extension.
        if (own.settledAs !== undefined) await records.finish(base, unknownOutcome)
        else if (!(await handBack(claim))) return
        held.forget(own)
      })
    } else if (suffixes.includes('settled')) await records.finish(base, unknownOutcome)
    else if (suffixes.includes('json')) {
      if (await handBack(claim)) await records.discard(base)
    } else if (dead || claim.expiresAt + abandonedAfterMs < now) await records.discard(base)
  }

  /** Of several processes that try it, one succeeds. */
  async function handBack({ base, id, attempt }: Claimed): Promise<boolean> {
    try {
      const name = waitingFileName({ id, attempts: attempt, notBefore: 0 })
      await files.rename(join(folders.claimed, `${base}.json`), join(folders.new, name))
      return true
    } catch (error) {
      if (errorNumber(error) === 'ENOENT') return false
      throw error
    }
  }

  return {
    async run() {
      if (clock() < dueAt && dueAt - clock() <= everyMs) return
      running ??= lookThrough().finally(() => {
        running = undefined
      })
      await running
    },
    expect(expiresAt) {
      dueAt = Math.min(dueAt, expiresAt)
    },
  }
}

function groupByClaim(names: readonly string[]): Claimed[] {
  const suffixes = new Map<string, string[]>()
  for (const name of names) {
    const dot = name.lastIndexOf('.')
    const base = name.slice(0, dot)
    const suffix = name.slice(dot + 1)
    if (!['json', 'settled', 'done', 'failed'].includes(suffix)) continue
    const list = suffixes.get(base)
    if (list === undefined) suffixes.set(base, [suffix])
    else list.push(suffix)
  }
  return [...suffixes].flatMap(([base, list]) => {
    const name = parseClaimBaseName(base)
    return name === undefined ? [] : [{ ...name, base, suffixes: list }]
  })
}
