import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A camera that may be there. */
export interface CameraCandidate {
  /** What {@link opencvSource} takes as its `device`. */
  readonly device: number | string
  /** As the system calls it. */
  readonly name: string | undefined
}

/** Systems that do not list their cameras are asked for these numbers. */
const guesses = 8

/** The cameras that may be there: on Linux those that the kernel lists, elsewhere the first numbers. */
export async function cameraCandidates(
  platform: NodeJS.Platform = process.platform,
  directory = '/sys/class/video4linux',
): Promise<CameraCandidate[]> {
  if (platform !== 'linux') return Array.from({ length: guesses }, (_, device) => ({ device, name: undefined }))
  // No such directory: no driver for cameras is loaded.
  const entries = await readdir(directory).catch(() => [])
  const numbers = entries.flatMap((entry) => /^video(\d+)$/.exec(entry)?.[1] ?? []).map(Number)
  return Promise.all(
    numbers
      .sort((a, b) => a - b)
      .map(async (number) => ({
        device: `/dev/video${number}`,
        name: await readFile(join(directory, `video${number}`, 'name'), 'utf8').then(
          (text) => text.trim() || undefined,
          () => undefined,
        ),
      })),
  )
}
