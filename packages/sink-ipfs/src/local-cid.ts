import type { ImporterOptions } from 'ipfs-unixfs-importer'
import type { IpfsContent } from './ipfs-client.js'

/** What, beside the bytes, decides a CID. */
export interface Layout {
  readonly cidVersion: 0 | 1
  readonly rawLeaves: boolean
  readonly chunkBytes: number
}

/** What a folder is called while it is added; it is no part of any CID. Bare names of one character some nodes lose. */
export const folderName = 'pictures'

/** Links of one block of a large file: what nodes have always used. */
export const maxFileLinks = 174

async function* cids(contents: readonly IpfsContent[], { cidVersion, rawLeaves, chunkBytes }: Layout, options: ImporterOptions) {
  const [{ importer }, { fixedSize }, { balanced }, { BlackHoleBlockstore }] = await Promise.all([
    import('ipfs-unixfs-importer'),
    import('ipfs-unixfs-importer/chunker'),
    import('ipfs-unixfs-importer/layout'),
    import('blockstore-core/black-hole'),
  ])
  const chunker = fixedSize({ chunkSize: chunkBytes })
  const layout = balanced({ maxChildrenPerNode: maxFileLinks })
  for await (const { path = '', cid } of importer(contents, new BlackHoleBlockstore(), {
    ...options,
    cidVersion,
    rawLeaves,
    chunker,
    layout,
  }))
    yield [path, cid.toString()] as const
}

/** The CID that a node must give to a file of these bytes. */
export async function fileCid(content: Uint8Array<ArrayBuffer>, layout: Layout): Promise<string> {
  for await (const [, cid] of cids([{ content }], layout, {})) return cid
  throw new Error('The importer made no CID')
}

/** The CIDs that a node must give to a folder of these files, by path; that of the folder itself has the path {@link folderName}, and the files' begin with it. */
export async function folderCids(contents: readonly IpfsContent[], layout: Layout): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>()
  for await (const [path, cid] of cids(contents, layout, { wrapWithDirectory: true })) made.set(path, cid)
  return made
}
