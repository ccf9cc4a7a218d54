import { errorMessage, SnapmintError } from '@snapmint/core/adapter'
import { contentUri } from './content-uri.js'
import type { IpfsDirectory } from './ipfs-sink-options.js'
import type { Confirm } from './put.js'

/** A folder that the node has. */
export interface Folder {
  /** Among those of this sink. */
  readonly id: string
  readonly root: string
  /** In the order of their indices; of no use, and empty, once the folder is finished. */
  pictures: readonly FolderPicture[]
  /** Whether it is pinned at the services, and told. */
  isFinished: boolean
}

interface FolderPicture {
  readonly key: string
  readonly captureTime: number
  readonly cid: string
  readonly jobIds: Set<string>
}

export interface DirectoryFinishOptions {
  readonly gateway: string | undefined
  readonly onDirectory: ((directory: IpfsDirectory) => unknown) | undefined
  readonly confirm: Confirm
}

/** Has a folder pinned at the services, and tells of it. What fails is tried again with the same folder: the services know its root, and so does whoever was told. */
export function createDirectoryFinish({ gateway, onDirectory, confirm }: DirectoryFinishOptions) {
  return async (folder: Folder, signal: AbortSignal): Promise<void> => {
    if (folder.isFinished) return
    const { root, pictures } = folder
    const [first, last] = [pictures[0]!.key, pictures.at(-1)!.key]
    const name = first === last ? first : `${first} … ${last}`
    await confirm.atServices(root, name, { pictures: String(pictures.length) }, signal)
    await tell(onDirectory, {
      cid: root,
      uri: contentUri(gateway, root),
      pictures: pictures.map(({ key, captureTime, cid, jobIds }, index) => ({
        index,
        key,
        captureTime,
        cid,
        jobIds: [...jobIds],
      })),
    })
    folder.isFinished = true
    folder.pictures = []
  }
}

async function tell(onDirectory: DirectoryFinishOptions['onDirectory'], directory: IpfsDirectory): Promise<void> {
  try {
    await onDirectory?.(directory)
  } catch (cause) {
    const message = `The folder ${directory.cid} is stored, but \`onDirectory\` failed: ${errorMessage(cause)}. Its pictures are not acknowledged`
    throw new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true, cause })
  }
}
