import { SnapmintError } from '@snapmint/core/adapter'
import type { IpfsContent } from './ipfs-client.js'
import { fileCid, folderCids, folderName, type Layout, maxFileLinks } from './local-cid.js'
import type { NodeRequest } from './node-request.js'

export interface Adder {
  /** Adds one file and answers its CID. `cid` is what was computed here. */
  addFile(content: Uint8Array<ArrayBuffer>, cid: string, key: string, signal: AbortSignal): Promise<void>
  /** Adds files as one folder; they are named by their `path`. Answers the root. */
  addFolder(contents: readonly NamedContent[], signal: AbortSignal): Promise<string>
}

/** A file of a folder; `path` is its name there. */
export interface NamedContent extends IpfsContent {
  readonly path: string
  readonly key: string
}

/**
 * Adds and pins, and believes no answer: each CID is computed here, before, and compared.
 *
 * @throws `SNAPMINT_SINK_FAILED` when the node answers another CID: final when it is the CID of these very bytes under other settings, as the next try would give the same;
 * retryable otherwise, as bytes were damaged on the way or the node is out of order.
 */
export function createAdder(request: NodeRequest, layout: Layout): Adder {
  const { cidVersion, rawLeaves, chunkBytes } = layout

  /** All that the node says it added, by path. */
  function add(action: string, contents: readonly IpfsContent[], isFolder: boolean, signal: AbortSignal) {
    return request(action, signal, async (client, { signal: callSignal }) => {
      const added = new Map<string, string>()
      const wanted = new Set([isFolder ? folderName : '', ...contents.map(({ path = '' }) => path)])
      const options = {
        cidVersion,
        rawLeaves,
        chunker: `size-${chunkBytes}`,
        hashAlg: 'sha2-256',
        maxFileLinks,
        trickle: false,
      } as const
      const answers = client.addAll(contents, { ...options, pin: true, wrapWithDirectory: false, signal: callSignal })
      for await (const { path, cid } of answers) {
        // The name of a single file without one is its CID.
        const name = isFolder ? path : ''
        if (wanted.has(name)) added.set(name, String(cid))
      }
      return added
    })
  }

  return {
    async addFile(content, cid, key, signal) {
      const action = `add ${key} to the node`
      const added = await add(action, [{ content }], false, signal)
      await expectCid({ action, expected: cid, answered: added.get(''), content, layout })
    },
    async addFolder(contents, signal) {
      const action = `add a folder of ${contents.length} pictures to the node`
      const files = contents.map(({ path, content }) => ({ path: `${folderName}/${path}`, content }))
      const expected = await folderCids(files, layout)
      const added = await add(action, files, true, signal)
      for (const [index, { path, content }] of files.entries()) {
        const comparison = { expected: expected.get(path), answered: added.get(path), content, layout }
        await expectCid({ action: `add ${contents[index]!.key} to the node`, ...comparison })
      }
      const root = expected.get(folderName)
      if (root === undefined) throw new Error('The importer made no folder')
      const answered = added.get(folderName)
      if (answered !== undefined && answered !== root) throw otherFolder(action, root, answered)
      await expectCid({ action, expected: root, answered, layout })
      return root
    },
  }
}

interface Comparison {
  readonly action: string
  readonly expected: string | undefined
  readonly answered: string | undefined
  readonly content?: Uint8Array<ArrayBuffer>
  readonly layout: Layout
}

async function expectCid({ action, expected, answered, content, layout }: Comparison): Promise<void> {
  if (answered === expected) return
  const fail = (message: string, retryable: boolean) =>
    new SnapmintError('SNAPMINT_SINK_FAILED', `Could not ${action}: ${message}`, { adapter: 'ipfs', retryable })
  if (answered === undefined) throw fail('its answer ended before it named the CID', true)
  const shown = JSON.stringify(answered.slice(0, 100))
  if (content !== undefined && (await isCidOfOtherSettings(content, answered, layout)))
    throw fail(
      `it answered ${shown} for ${expected}, the CID of the same bytes under other settings: it does not heed cid-version, raw-leaves or chunker. Use another node, or set \`cidVersion\`, \`rawLeaves\` and \`chunker\` as it has them`,
      false,
    )
  throw fail(
    `it answered ${shown} where the bytes have the CID ${expected}: they were damaged on the way, or the node cannot be trusted. Nothing is acknowledged`,
    true,
  )
}

/** The files are the right ones, and their folder is not: the node has settings of its own for folders, and the next try would give the same. */
function otherFolder(action: string, root: string, answered: string): SnapmintError {
  const message = `Could not ${action}: it answered ${JSON.stringify(answered.slice(0, 100))} for the folder ${root} of the same files: set Import.UnixFSDirectoryMaxLinks to 0 and Import.UnixFSHAMTDirectorySizeThreshold to 256KiB in its configuration, as they are by default`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs' })
}

/** Settings that nodes have been known to use by themselves. */
async function isCidOfOtherSettings(content: Uint8Array<ArrayBuffer>, answered: string, layout: Layout): Promise<boolean> {
  const others: readonly Layout[] = [
    { cidVersion: 0, rawLeaves: false, chunkBytes: layout.chunkBytes },
    { cidVersion: 0, rawLeaves: false, chunkBytes: 262_144 },
    { cidVersion: 1, rawLeaves: false, chunkBytes: layout.chunkBytes },
    { cidVersion: 1, rawLeaves: true, chunkBytes: 262_144 },
    { cidVersion: 1, rawLeaves: true, chunkBytes: 2 ** 20 },
  ]
  for (const other of others) if ((await fileCid(content, other)) === answered) return true
  return false
}
