import { SnapmintError } from '@snapmint/core/adapter'
import type { Adder } from './add-content.js'
import { createDirectoryStore, type DirectoryItem, type DirectoryPlace } from './directory-store.js'
import { createGatherer } from './gather.js'
import { expectPinned } from './node-pin.js'
import type { NodeRequest } from './node-request.js'
import type { Confirm, Put } from './put.js'
import { createRemembered } from './remembered.js'
import type { ResolvedIpfsOptions } from './resolve-options.js'

export interface DirectoryPutOptions {
  readonly options: ResolvedIpfsOptions
  readonly directory: NonNullable<ResolvedIpfsOptions['directory']>
  readonly adder: Adder
  readonly confirm: Confirm
  readonly request: NodeRequest
}

/** Puts whose answer was lost come again; so many of them find the folder where they are already. About 2 MB. */
const maxRemembered = 10_000

/** Puts that gather into folders. */
export function createDirectoryPut({ options, directory, adder, confirm, request }: DirectoryPutOptions) {
  const { gateway, onDirectory, verify } = options
  const remembered = createRemembered<DirectoryPlace>(maxRemembered)
  const store = createDirectoryStore({
    adder,
    gateway,
    onDirectory,
    confirm: (root, name, pictures, signal) => confirm(root, name, { pictures: String(pictures.length) }, signal),
  })
  const gatherer = createGatherer<DirectoryItem, DirectoryPlace>({
    maxItems: directory.maxPictures,
    maxWaitMs: directory.maxWaitMs,
    async send(items, signal) {
      const results = await store(items, signal)
      for (const [index, result] of results.entries())
        if (result.status === 'fulfilled') remembered.set(items[index]!.id, result.value)
      return results
    },
  })

  /** Where the picture was put before, unless the node has lost it since. */
  async function placeOf(id: string, signal: AbortSignal): Promise<DirectoryPlace | undefined> {
    const place = remembered.get(id)
    if (place === undefined || !verify) return place
    try {
      await expectPinned(request, place.root, signal)
      return place
    } catch (thrown) {
      if (!signal.aborted) remembered.delete(id)
      throw thrown
    }
  }

  return {
    async put({ content, cid, key, media: { captureTime }, jobIds, signal }: Put): Promise<string> {
      const id = `${cid} ${key}`
      const item = { key, captureTime, cid, content, jobIds: new Set(jobIds) }
      const join = (present: DirectoryItem) => {
        for (const jobId of jobIds) present.jobIds.add(jobId)
      }
      const { uri } = (await placeOf(id, signal)) ?? (await gatherer.add(id, item, signal, join))
      return uri
    },
    close: () => gatherer.close(closed),
  }
}

function closed(): SnapmintError {
  const message = 'The sink was closed while the picture waited for others of its folder; it was not stored'
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true })
}
