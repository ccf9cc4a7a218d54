import { SnapmintError } from '@snapmint/core/adapter'
import type { Adder } from './add-content.js'
import { contentUri } from './content-uri.js'
import { createDirectoryFinish, type Folder } from './directory-finish.js'
import { createDirectoryStore, type DirectoryItem } from './directory-store.js'
import { createGatherer, type Gathered } from './gather.js'
import { unpinned } from './node-pin.js'
import type { Confirm, Put } from './put.js'
import { createRemembered } from './remembered.js'
import type { ResolvedIpfsOptions } from './resolve-options.js'
import { createShared } from './shared.js'

export interface DirectoryPutOptions {
  readonly options: ResolvedIpfsOptions
  readonly directory: NonNullable<ResolvedIpfsOptions['directory']>
  readonly adder: Adder
  readonly confirm: Confirm
}

/** Where a picture is; its folder may still have to be finished. */
interface Place {
  readonly folder: Folder
  /** Of the folder, among those of this sink. */
  readonly folderId: string
  readonly index: number
}

/** Puts that failed, or whose answer was lost, come again; so many of them find the folder where they are already. About 2 MB. */
const maxRemembered = 10_000

/** Puts that gather into folders. */
export function createDirectoryPut({ options, directory, adder, confirm }: DirectoryPutOptions) {
  const { gateway, onDirectory } = options
  const places = createRemembered<Place>(maxRemembered)
  const store = createDirectoryStore(adder)
  const finish = createShared(createDirectoryFinish({ gateway, onDirectory, confirm }))
  let foldersMade = 0
  const uriOf = ({ folder, index }: Place) => contentUri(gateway, folder.root, String(index))

  /** From here on the folder stays as it is, whatever comes: a put that is repeated finishes this one, rather than make another. */
  async function add(gathered: readonly Gathered<DirectoryItem>[], signal: AbortSignal) {
    const { root, items, refused } = await store(gathered, signal)
    const added = new Map<string, Place>()
    if (root === undefined) return { added, refused }
    if (!(await confirm.isOnNode(root, signal))) throw unpinned(root)
    const pictures = items.map(({ item: { key, captureTime, cid, jobIds } }) => ({ key, captureTime, cid, jobIds }))
    const folder: Folder = { root, pictures, isFinished: false }
    const folderId = String(foldersMade++)
    for (const [index, { id }] of items.entries()) {
      const place = { folder, folderId, index }
      added.set(id, place)
      places.set(id, place)
    }
    return { added, refused }
  }

  const gatherer = createGatherer<DirectoryItem, string>({
    maxItems: directory.maxPictures,
    maxWaitMs: directory.maxWaitMs,
    async send(gathered, signal) {
      const { added, refused } = await add(gathered, signal)
      const [first] = added.values()
      const finished = first === undefined ? undefined : finish(first.folderId, first.folder, signal)
      const answers = gathered.map(async ({ id }) => {
        const place = added.get(id)
        if (place === undefined) throw refused.get(id)
        await finished
        return uriOf(place)
      })
      return Promise.allSettled(answers)
    },
  })

  /** The URI of a picture that is in a folder already; undefined when the node has lost that. */
  async function again(place: Place, jobIds: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    if (!(await confirm.isOnNode(place.folder.root, signal))) return undefined
    for (const jobId of jobIds) place.folder.pictures[place.index]?.jobIds.add(jobId)
    await finish(place.folderId, place.folder, signal)
    return uriOf(place)
  }

  return {
    async put({ content, cid, key, media: { captureTime }, jobIds, signal }: Put): Promise<string> {
      const id = `${cid} ${key}`
      const place = places.get(id)
      if (place !== undefined) {
        const uri = await again(place, jobIds, signal)
        if (uri !== undefined) return uri
        places.delete(id)
      }
      const item = { key, captureTime, cid, content, jobIds: new Set(jobIds) }
      return gatherer.add(id, item, signal, (present) => {
        for (const jobId of jobIds) present.jobIds.add(jobId)
      })
    },
    close: () => gatherer.close(closed),
  }
}

function closed(): SnapmintError {
  const message = 'The sink was closed while the picture waited for others of its folder; it was not stored'
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true })
}
