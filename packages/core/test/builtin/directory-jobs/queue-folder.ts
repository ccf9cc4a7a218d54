import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DirectoryJobsOptions, directoryJobs } from '../../../src/builtin/directory-jobs.js'
import { temporaryFolder } from '../temporary-folder.js'

export const job = { targetTime: 1_763_688_000_000 }

/** A queue in an empty folder, with a clock that can be put forward. */
export function createQueue(options: Partial<DirectoryJobsOptions> = {}) {
  const directory = options.directory ?? join(temporaryFolder(), 'jobs')
  const time = { ahead: 0 }
  const clock = () => Date.now() + time.ahead
  const open = (more: Partial<DirectoryJobsOptions> = {}) =>
    directoryJobs({ directory, clock, fsync: false, ...options, ...more })
  mkdirSync(join(directory, 'new'), { recursive: true })
  return {
    directory,
    time,
    jobs: open(),
    open,
    /** Writes a file into `new`, as any program might. */
    drop(name: string, content: unknown = job) {
      writeFileSync(join(directory, 'new', name), typeof content === 'string' ? content : JSON.stringify(content))
    },
    list: (folder: string) => readdirSync(join(directory, folder)).sort(),
    read: (folder: string, name: string) => JSON.parse(readFileSync(join(directory, folder, name), 'utf8')),
  }
}
