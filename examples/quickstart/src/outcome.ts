import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobError, Receipt } from '@snapmint/core'

export type FiledOutcome =
  | { readonly status: 'done'; readonly receipt: Receipt }
  | { readonly status: 'failed'; readonly error: JobError }

/** What became of a job in the folder, whichever process served it; undefined as long as it is not settled. */
export async function readOutcome(
  jobsDirectory: string,
  id: string,
  folders: readonly FiledOutcome['status'][] = ['done', 'failed'],
): Promise<FiledOutcome | undefined> {
  for (const status of folders) {
    const text = await readIfThere(join(jobsDirectory, status, `${id}.json`))
    if (text !== undefined) return { status, ...JSON.parse(text) } as FiledOutcome
  }
  return undefined
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
