import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SnapmintError } from '@snapmint/core/adapter'

/** Memory, where the system has it as a directory; else where temporary files go. */
const places = (): string[] => [...(process.platform === 'linux' ? ['/dev/shm'] : []), tmpdir()]
const prefix = 'snapmint-webcam-'
/** Clocks are set, processes are paused. */
const marginMs = 60_000

/**
 * Makes a directory for one shot that only this user can enter, and which carries in its name until when it may be needed. Who dies before removing it leaves
 * that to {@link sweepShotDirectories}.
 * @throws `SNAPMINT_DIRECTORY_UNUSABLE`
 */
export async function makeShotDirectory(timeoutMs: number, parents = places()): Promise<string> {
  const deadline = Math.ceil(Date.now() + timeoutMs + marginMs)
  let cause: unknown
  for (const parent of parents) {
    try {
      return await mkdtemp(join(parent, `${prefix}${deadline}-`))
    } catch (thrown) {
      cause = thrown
    }
  }
  const message = `No directory for temporary pictures can be made in ${parents.join(' or ')}: free some room, or set TMPDIR`
  throw new SnapmintError('SNAPMINT_DIRECTORY_UNUSABLE', message, { adapter: 'webcam', retryable: true, cause })
}

export function removeShotDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** Removes the directories of shots whose time is long over: whoever made them was killed. Those of other users stay. */
export async function sweepShotDirectories(parents = places()): Promise<void> {
  for (const parent of parents) {
    const names = await readdir(parent).catch(() => [])
    for (const name of names) {
      const deadline = /^snapmint-webcam-(\d{13})-\w{6}$/.exec(name)?.[1]
      if (deadline !== undefined && Number(deadline) < Date.now()) await removeShotDirectory(join(parent, name)).catch(() => {})
    }
  }
}
