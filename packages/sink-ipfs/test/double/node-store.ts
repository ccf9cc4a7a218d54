import { MemoryBlockstore } from 'blockstore-core/memory'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { Part } from './multipart.js'

export interface Line {
  readonly Name: string
  readonly Hash: string
  readonly Size: string
}

/** A node's refusal: status 500 with this message, as Kubo does with nearly everything. */
export class NodeRefusal extends Error {}

/** What a node keeps: content by CID, pins, and names in MFS. It behaves as Kubo does; what a request leaves out has Kubo's defaults. */
export function createNodeStore() {
  const files = new Map<string, Buffer>()
  const folders = new Map<string, ReadonlyMap<string, string>>()
  const pins = new Set<string>()
  const names = new Map<string, string>()

  const under = (path: string) => [...names.keys()].some((name) => name.startsWith(`${path}/`))
  const resolve = (path: string) => {
    const [, root = '', name] = /^\/ipfs\/([^/]+)(?:\/(.+))?$/.exec(path) ?? []
    const cid = name === undefined ? root : folders.get(root)?.get(name)
    if (cid === undefined || !(files.has(cid) || folders.has(cid)))
      throw new NodeRefusal(`ipfs cp: cannot get node: ${path} not found`)
    return cid
  }

  return {
    files,
    folders,
    pins,
    names,

    async add(parts: readonly Part[], query: URLSearchParams): Promise<readonly Line[]> {
      const cidVersion = query.get('cid-version') === '1' ? 1 : 0
      const rawLeaves = query.get('raw-leaves') === 'true'
      const size = /^size-(\d+)$/.exec(query.get('chunker') ?? 'size-262144')?.[1]
      if (size === undefined) throw new NodeRefusal('unrecognized chunker option')
      const lines: Line[] = []
      const options = {
        cidVersion,
        rawLeaves,
        chunker: fixedSize({ chunkSize: Number(size) }),
        layout: balanced({ maxChildrenPerNode: 174 }),
      } as const
      const candidates = parts.map(({ path, content }) => ({
        ...(path === '' ? {} : { path }),
        content: new Uint8Array(content),
      }))
      const folder = parts[0]?.path.split('/').slice(0, -1).join('/') ?? ''
      for await (const { path = '', cid, size: total } of importer(candidates, new MemoryBlockstore(), {
        ...options,
        wrapWithDirectory: true,
      }))
        lines.push({ Name: path === '' ? String(cid) : path, Hash: String(cid), Size: String(total) })
      // What was asked for: not the wrapping, but what lies in it.
      if (query.get('wrap-with-directory') !== 'true') lines.pop()
      for (const [index, { Hash }] of lines.slice(0, parts.length).entries()) files.set(Hash, parts[index]!.content)
      const root = lines.at(-1)!.Hash
      if (folder !== '')
        folders.set(root, new Map(lines.slice(0, parts.length).map(({ Name, Hash }) => [Name.slice(folder.length + 1), Hash])))
      if (query.get('pin') !== 'false') pins.add(root)
      return lines
    },

    /** Past the sink: the bytes behind an `ipfs://` URI. */
    read(uri: string): Buffer {
      const data = files.get(resolve(`/ipfs/${uri.replace(/^ipfs:\/\//, '')}`))
      if (data === undefined) throw new Error(`Nothing at ${uri}`)
      return data
    },

    stat(path: string) {
      const cid = names.get(path)
      if (cid !== undefined) return { Hash: cid, Size: 0, CumulativeSize: 0, Blocks: 0, Type: 'file' }
      if (under(path))
        return {
          Hash: 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
          Size: 0,
          CumulativeSize: 0,
          Blocks: 0,
          Type: 'directory',
        }
      throw new NodeRefusal('file does not exist')
    },

    cp(from: string, to: string, parents: boolean) {
      const cid = from.startsWith('/ipfs/') ? resolve(from) : names.get(from)
      if (cid === undefined) throw new NodeRefusal('file does not exist')
      const parent = to.slice(0, to.lastIndexOf('/'))
      if (!parents && parent !== '' && !under(parent)) throw new NodeRefusal('file does not exist')
      if (names.has(to) || under(to))
        throw new NodeRefusal(`cp: cannot put node in path ${to}: directory already has entry by that name`)
      names.set(to, cid)
    },

    mv(from: string, to: string, replaces: boolean) {
      const cid = names.get(from)
      if (cid === undefined) throw new NodeRefusal('file does not exist')
      if (names.has(to) && !replaces) throw new NodeRefusal('directory already has entry by that name')
      names.delete(from)
      names.set(to, cid)
    },

    rm(path: string) {
      if (!names.delete(path)) throw new NodeRefusal('file does not exist')
    },
  }
}
