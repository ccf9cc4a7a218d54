import type { Adder } from './add-content.js'
import { contentUri } from './content-uri.js'
import { createDirectoryFinish, type DirectoryFinishOptions, type Folder } from './directory-finish.js'
import { createDirectoryStore, type DirectoryItem } from './directory-store.js'
import type { Gathered } from './gather.js'
import { unpinned } from './node-pin.js'
import { createRemembered } from './remembered.js'
import { createShared } from './shared.js'

export interface FoldersOptions extends DirectoryFinishOptions {
  readonly adder: Adder
}

/** Where a picture is; its folder may still have to be finished. */
interface Place {
  readonly folder: Folder
  readonly index: number
}

/** Puts that failed, or whose answer was lost, come again; so many of them find the folder where they are already. About 2 MB. */
const maxRemembered = 10_000

/** The folders that the node has. What is in one stays in it: a put that is repeated finishes that folder, rather than make another. */
export function createFolders({ adder, gateway, onDirectory, confirm }: FoldersOptions) {
  const places = createRemembered<Place>(maxRemembered)
  const store = createDirectoryStore(adder)
  const shared = createShared(createDirectoryFinish({ gateway, onDirectory, confirm }))
  const finish = (folder: Folder, signal: AbortSignal) => shared(folder.id, folder, signal)
  const uriOf = ({ folder, index }: Place) => contentUri(gateway, folder.root, String(index))
  let made = 0

  /** Stores gathered pictures as a folder that is not finished; tells where each is, or why it is in none. */
  async function add(gathered: readonly Gathered<DirectoryItem>[], signal: AbortSignal) {
    const { root, items, refused } = await store(gathered, signal)
    const added = new Map<string, Place>()
    if (root === undefined) return { added, refused }
    if (!(await confirm.isOnNode(root, signal))) throw unpinned(root)
    const pictures = items.map(({ item: { key, captureTime, cid, jobIds } }) => ({ key, captureTime, cid, jobIds }))
    const folder: Folder = { id: String(made++), root, pictures, isFinished: false }
    for (const [index, { id }] of items.entries()) {
      added.set(id, { folder, index })
      places.set(id, { folder, index })
    }
    return { added, refused }
  }

  return {
    /** Answers the URI of each picture, in order, or why it has none. */
    async make(gathered: readonly Gathered<DirectoryItem>[], signal: AbortSignal): Promise<PromiseSettledResult<string>[]> {
      const { added, refused } = await add(gathered, signal)
      const [first] = added.values()
      const finished = first === undefined ? undefined : finish(first.folder, signal)
      const answers = gathered.map(async ({ id }) => {
        const place = added.get(id)
        if (place === undefined) throw refused.get(id)
        await finished
        return uriOf(place)
      })
      return Promise.allSettled(answers)
    },

    /** The URI of a picture that is in a folder already; undefined when it is in none, or the node has lost that. */
    async find(id: string, jobIds: readonly string[], signal: AbortSignal): Promise<string | undefined> {
      const place = places.get(id)
      if (place === undefined || !(await confirm.isOnNode(place.folder.root, signal))) return undefined
      for (const jobId of jobIds) place.folder.pictures[place.index]?.jobIds.add(jobId)
      await finish(place.folder, signal)
      return uriOf(place)
    },
  }
}
