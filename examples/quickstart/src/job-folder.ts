import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DirectoryJobs } from '@snapmint/core'
import { readOutcome } from './outcome.js'
import { oneLine } from './user-error.js'

/** The folder of jobs, as a person sees it who looks into it now and then. */
export interface JobFolder {
  /** Looks again, and tells of the jobs that have failed since the last time. */
  look(): Promise<void>
  /** Jobs that nobody has claimed, when it was last looked at. */
  readonly waiting: number
  /** Jobs that have failed since the session began: also files that were no jobs, of which the pipeline never hears. */
  readonly failed: number
}

export interface JobFolderOptions {
  readonly jobs: DirectoryJobs
  readonly directory: string
  readonly print: (line: string) => void
  /** Jobs of which somebody else tells. */
  readonly isDemo: (id: string) => boolean
}

export async function openJobFolder({ jobs, directory, print, isDemo }: JobFolderOptions): Promise<JobFolder> {
  const listFailed = async () =>
    (await readdir(join(directory, 'failed')).catch(() => [])).filter((name) => name.endsWith('.json'))
  const known = new Set(await listFailed())
  const before = await jobs.counts()
  let now = before

  async function tell(name: string): Promise<void> {
    const id = name.slice(0, -'.json'.length)
    if (known.has(name) || isDemo(id)) return
    const outcome = await readOutcome(directory, id, ['failed']).catch(() => undefined)
    print(`✗ job ${oneLine(id)}: ${outcome?.status === 'failed' ? oneLine(outcome.error.message) : 'see its file in failed/'}`)
  }

  return {
    async look() {
      const { failed } = now
      now = await jobs.counts()
      if (now.failed === failed) return
      for (const name of await listFailed()) {
        await tell(name)
        known.add(name)
      }
    },
    get waiting() {
      return now.waiting
    },
    get failed() {
      return Math.max(0, now.failed - before.failed)
    },
  }
}
