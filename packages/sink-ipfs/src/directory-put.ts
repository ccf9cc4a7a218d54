import { SnapmintError } from '@snapmint/core/adapter'
import type { DirectoryItem } from './directory-store.js'
import { createFolders, type FoldersOptions } from './folders.js'
import { createGatherer } from './gather.js'
import type { Put } from './put.js'
import type { ResolvedIpfsOptions } from './resolve-options.js'

export interface DirectoryPutOptions extends FoldersOptions {
  readonly directory: NonNullable<ResolvedIpfsOptions['directory']>
}

/** Puts that gather into folders. */
export function createDirectoryPut({ directory, ...options }: DirectoryPutOptions) {
  const folders = createFolders(options)
  const gatherer = createGatherer<DirectoryItem, string>({
    maxItems: directory.maxPictures,
    maxWaitMs: directory.maxWaitMs,
    send: folders.make,
  })
  return {
    async put({ content, cid, key, media: { captureTime }, jobIds, signal }: Put): Promise<string> {
      const id = `${cid} ${key}`
      const found = await folders.find(id, jobIds, signal)
      if (found !== undefined) return found
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
