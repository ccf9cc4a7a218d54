import { errorMessage, SnapmintError } from '@snapmint/core/adapter'
import type { Adder, NamedContent } from './add-content.js'
import { contentUri } from './content-uri.js'
import type { Gathered } from './gather.js'
import type { IpfsDirectory } from './ipfs-sink-options.js'

/** A picture on its way into a folder. */
export interface DirectoryItem {
  readonly key: string
  readonly captureTime: number
  readonly cid: string
  readonly content: Uint8Array<ArrayBuffer>
  /** Grows when the same picture is put again meanwhile. */
  readonly jobIds: Set<string>
}

/** Where a picture of a folder is. */
export interface DirectoryPlace {
  readonly root: string
  readonly uri: string
}

export interface DirectoryStoreOptions {
  readonly adder: Adder
  readonly gateway: string | undefined
  readonly onDirectory: ((directory: IpfsDirectory) => unknown) | undefined
  /** Makes sure that the root is pinned wherever it has to be. */
  confirm(root: string, name: string, pictures: readonly DirectoryItem[], signal: AbortSignal): Promise<void>
}

type Items = readonly Gathered<DirectoryItem>[]

/**
 * Stores gathered pictures as one folder. When the node refuses the folder for good, each picture is tried alone, those that are refused are left out, and the
 * others make a folder without them.
 */
export function createDirectoryStore(options: DirectoryStoreOptions) {
  return async (items: Items, signal: AbortSignal): Promise<readonly PromiseSettledResult<DirectoryPlace>[]> => {
    const refused = new Map<string, unknown>()
    const places = new Map<string, DirectoryPlace>()
    const sorted = [...items].sort((one, other) => inOrder(one.item, other.item))
    try {
      await store(options, sorted, places, signal)
    } catch (thrown) {
      if (sorted.length === 1 || !mayBeOnePicture(thrown)) throw thrown
      for (const { id, item } of sorted) {
        const reason = await refusalOf(options, item, signal)
        if (reason !== undefined) refused.set(id, reason)
      }
      if (refused.size === 0) throw thrown
      const rest = sorted.filter(({ id }) => !refused.has(id))
      if (rest.length > 0)
        await store(options, rest, places, signal).catch((again: unknown) => {
          for (const { id } of rest) refused.set(id, again)
        })
    }
    return items.map(({ id }) => {
      const value = places.get(id)
      return value === undefined ? { status: 'rejected', reason: refused.get(id) } : { status: 'fulfilled', value }
    })
  }
}

/** By captureTime, then by key, so that the same pictures make the same folder. */
function inOrder(one: DirectoryItem, other: DirectoryItem): number {
  return (
    one.captureTime - other.captureTime || (one.key < other.key ? -1 : one.key > other.key ? 1 : one.cid < other.cid ? -1 : 1)
  )
}

async function store(
  { adder, gateway, onDirectory, confirm }: DirectoryStoreOptions,
  sorted: Items,
  places: Map<string, DirectoryPlace>,
  signal: AbortSignal,
): Promise<void> {
  const contents = sorted.map(({ item: { key, content } }, index): NamedContent => ({ path: String(index), key, content }))
  const root = await adder.addFolder(contents, signal)
  const items = sorted.map(({ item }) => item)
  const last = items.at(-1)!
  await confirm(root, items.length === 1 ? last.key : `${items[0]!.key} … ${last.key}`, items, signal)
  await tell(onDirectory, {
    cid: root,
    uri: contentUri(gateway, root),
    pictures: items.map(({ key, captureTime, cid, jobIds }, index) => ({ index, key, captureTime, cid, jobIds: [...jobIds] })),
  })
  for (const [index, { id }] of sorted.entries()) places.set(id, { root, uri: contentUri(gateway, root, String(index)) })
}

/** Final, and not about the node or the account as a whole. */
const mayBeOnePicture = (thrown: unknown) =>
  SnapmintError.isInstance(thrown) && !thrown.retryable && thrown.code === 'SNAPMINT_SINK_FAILED'

/** Why the node refuses this picture for good, if it does. */
async function refusalOf(
  { adder }: DirectoryStoreOptions,
  { content, cid, key }: DirectoryItem,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    await adder.addFile(content, cid, key, signal)
    return undefined
  } catch (thrown) {
    if (mayBeOnePicture(thrown)) return thrown
    throw thrown
  }
}

async function tell(onDirectory: DirectoryStoreOptions['onDirectory'], directory: IpfsDirectory): Promise<void> {
  try {
    await onDirectory?.(directory)
  } catch (cause) {
    const message = `The folder ${directory.cid} is stored, but \`onDirectory\` failed: ${errorMessage(cause)}. Its pictures are not acknowledged`
    throw new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true, cause })
  }
}
