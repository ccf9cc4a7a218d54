import { join } from 'node:path'
import type { Snapshot } from '../spec/media.js'
import {
  errorNumber,
  exists,
  type FileSystem,
  makeDirectory,
  removeFile,
  syncDirectory,
  writeNewFile,
} from '../util/durable-files.js'
import { createSemaphore } from '../util/semaphore.js'
import { sha256Hex } from '../util/sha256.js'
import { type HeldPicture, pictureId } from './hold-records.js'

export interface HoldPicturesOptions {
  readonly files: FileSystem
  readonly directory: string
  readonly fsync: boolean
  /** The folder was not there and has been made, with nothing in it. */
  onMadeAnew(): void
}

/** Files at a time. A disk that hangs may take so many of Node's four threads for files and hashes, and the journal one more: one is left. */
const PLACES = 2

const extension = '.picture'

export type HoldPictures = ReturnType<typeof createHoldPictures>

/** The pictures' bytes, one file each. A file counts only once the journal names it: it is written in place. */
export function createHoldPictures({ files, directory, fsync, onMadeAnew }: HoldPicturesOptions) {
  const folder = join(directory, 'pictures')
  const places = createSemaphore(PLACES)
  const pathOf = (id: string) => join(folder, `${id}${extension}`)
  let unsynced = false

  async function makeFolder(): Promise<void> {
    if (await exists(files, folder)) return
    await makeDirectory(files, folder, { fsync })
    onMadeAnew()
  }

  async function writeFile(id: string, data: Uint8Array): Promise<void> {
    try {
      await writeNewFile(files, pathOf(id), data, { fsync })
    } catch (error) {
      if (errorNumber(error) !== 'ENOENT') throw error
      await makeFolder()
      await writeNewFile(files, pathOf(id), data, { fsync })
    }
  }

  async function inPlace<T>(work: () => Promise<T>): Promise<T> {
    const leave = await places.enter(new AbortController().signal)
    try {
      return await work()
    } finally {
      leave()
    }
  }

  return {
    makeFolder,
    /** `wanted` is asked when it is this one's turn. False: it is not written. */
    write: (id: string, data: Uint8Array, wanted: () => boolean): Promise<boolean> =>
      inPlace(async () => {
        if (!wanted()) return false
        await writeFile(id, data)
        unsynced = true
        return true
      }),
    /** Makes the names of the files written so far durable. */
    async sync(): Promise<void> {
      if (!fsync || !unsynced) return
      unsynced = false
      await syncDirectory(files, folder).catch((error: unknown) => {
        unsynced = true
        throw error
      })
    },
    /** @throws the system's error, or a RangeError when the bytes are not those that were written. */
    read: (picture: HeldPicture): Promise<Snapshot> =>
      inPlace(async () => {
        const { id, bytes, ...described } = picture
        const buffer = await files.readFile(pathOf(id))
        const data = new Uint8Array(buffer)
        if (data.byteLength !== bytes || (await sha256Hex(data)) !== picture.sha256)
          throw new RangeError(`${pathOf(id)} is damaged: its bytes are not those that were written`)
        return { kind: 'snapshot', ...described, data }
      }),
    remove: (id: string): Promise<void> => inPlace(() => removeFile(files, pathOf(id))),
    /** Resolves when every file that was to be written, read or removed is. */
    async idle(): Promise<void> {
      const entered = await Promise.all(Array.from({ length: PLACES }, () => places.enter(new AbortController().signal)))
      for (const leave of entered) leave()
    },
    /** Sizes of the pictures that are there, by id. Other files are none of ours. */
    async sizes(): Promise<ReadonlyMap<string, number>> {
      const sizes = new Map<string, number>()
      for (const name of await files.readdir(folder)) {
        const id = name.slice(0, -extension.length)
        if (!name.endsWith(extension) || !pictureId.test(id)) continue
        const stats = await files.lstat(join(folder, name)).catch(() => undefined)
        if (stats?.isFile()) sizes.set(id, stats.size)
      }
      return sizes
    },
  }
}
