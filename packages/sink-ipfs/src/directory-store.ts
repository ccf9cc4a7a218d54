import { SnapmintError } from '@snapmint/core/adapter'
import type { Adder, NamedContent } from './add-content.js'
import type { Gathered } from './gather.js'

/** A picture on its way into a folder. */
export interface DirectoryItem {
  readonly key: string
  readonly captureTime: number
  readonly cid: string
  readonly content: Uint8Array<ArrayBuffer>
  /** Grows when the same picture is put again meanwhile. */
  readonly jobIds: Set<string>
}

type Items = readonly Gathered<DirectoryItem>[]

/** What became of gathered pictures. */
export interface StoredItems {
  /** The folder's; undefined when no picture came into one. */
  readonly root: string | undefined
  /** In the order of their indices. */
  readonly items: Items
  /** Why a picture is in no folder, by id. */
  readonly refused: ReadonlyMap<string, unknown>
}

/**
 * Adds gathered pictures as one folder. When the node refuses the folder for good, each picture is tried alone, those that are refused are left out, and the
 * others make a folder without them.
 */
export function createDirectoryStore(adder: Adder) {
  return async (gathered: Items, signal: AbortSignal): Promise<StoredItems> => {
    const sorted = [...gathered].sort((one, other) => inOrder(one.item, other.item))
    try {
      return { root: await addAll(adder, sorted, signal), items: sorted, refused: new Map() }
    } catch (thrown) {
      if (sorted.length === 1 || !mayBeOnePicture(thrown)) throw thrown
      const refused = await refusalsOf(adder, sorted, signal)
      if (refused.size === 0) throw thrown
      return addRest(adder, sorted, refused, signal)
    }
  }
}

/** By captureTime, then by key, so that the same pictures make the same folder. */
function inOrder(one: DirectoryItem, other: DirectoryItem): number {
  return (
    one.captureTime - other.captureTime || (one.key < other.key ? -1 : one.key > other.key ? 1 : one.cid < other.cid ? -1 : 1)
  )
}

function addAll(adder: Adder, items: Items, signal: AbortSignal): Promise<string> {
  const contents = items.map(({ item: { key, content } }, index): NamedContent => ({ path: String(index), key, content }))
  return adder.addFolder(contents, signal)
}

async function addRest(
  adder: Adder,
  sorted: Items,
  refused: ReadonlyMap<string, unknown>,
  signal: AbortSignal,
): Promise<StoredItems> {
  const items = sorted.filter(({ id }) => !refused.has(id))
  if (items.length === 0) return { root: undefined, items, refused }
  try {
    return { root: await addAll(adder, items, signal), items, refused }
  } catch (thrown) {
    return { root: undefined, items: [], refused: new Map([...refused, ...items.map(({ id }) => [id, thrown] as const)]) }
  }
}

/** Final, and not about the node or the account as a whole. */
const mayBeOnePicture = (thrown: unknown) =>
  SnapmintError.isInstance(thrown) && !thrown.retryable && thrown.code === 'SNAPMINT_SINK_FAILED'

/** The pictures that the node refuses for good, and why. */
async function refusalsOf(adder: Adder, items: Items, signal: AbortSignal): Promise<ReadonlyMap<string, unknown>> {
  const refused = new Map<string, unknown>()
  for (const { id, item } of items)
    try {
      await adder.addFile(item.content, item.cid, item.key, signal)
    } catch (thrown) {
      if (!mayBeOnePicture(thrown)) throw thrown
      refused.set(id, thrown)
    }
  return refused
}
