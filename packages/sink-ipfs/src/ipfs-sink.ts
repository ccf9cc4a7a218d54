import { expectSnapshot, type FrameSink, SnapmintError } from '@snapmint/core/adapter'
import { createAdder } from './add-content.js'
import { classifyNodeError } from './classify-node-error.js'
import { contentUri } from './content-uri.js'
import { createDirectoryPut } from './directory-put.js'
import type { IpfsLikeClient } from './ipfs-client.js'
import type { IpfsSinkOptions } from './ipfs-sink-options.js'
import { createOwnClient } from './load-client.js'
import { fileCid } from './local-cid.js'
import { copyToMfs } from './mfs-copy.js'
import { createMfsPath } from './mfs-path.js'
import { unpinned } from './node-pin.js'
import { createNodeRequester } from './node-request.js'
import { createConfirm, type Put } from './put.js'
import { resolveIpfsOptions } from './resolve-options.js'
import { createTurns } from './turns.js'

/**
 * Stores pictures on IPFS: added to a Kubo node and pinned there, and at remote pinning services where some are given; singly, or gathered into folders with one root CID.
 * Every CID is computed here before, and the node's answer compared. Putting the same picture again adds nothing. Nothing is loaded and nobody is asked before the
 * first put.
 *
 * @throws TypeError or RangeError on wrong options. `put` rejects with `SNAPMINT_SINK_FORBIDDEN`, `SNAPMINT_SINK_CONFLICT`, `SNAPMINT_SINK_KEY_INVALID`,
 * `SNAPMINT_MISSING_DEPENDENCY` (final), `SNAPMINT_SINK_FULL`, `SNAPMINT_SINK_TIMEOUT` (retryable), `SNAPMINT_SINK_FAILED` (either).
 */
export function ipfsSink(options: IpfsSinkOptions = {}): FrameSink {
  const resolved = resolveIpfsOptions(options)
  const { layout, gateway, directory, onDirectory, maxInFlight, timeoutMs } = resolved
  const mfsPathOf = createMfsPath(options)
  let own: Promise<IpfsLikeClient> | undefined
  const given = resolved.client
  const client = given === undefined ? () => (own ??= createOwnClient(resolved)) : async () => given
  const request = createNodeRequester({ client, timeoutMs, authorization: resolved.authorization })
  const adder = createAdder(request, layout)
  const inTurn = createTurns()
  const confirm = createConfirm(resolved, request)

  async function putAlone({ content, cid, key, media, signal }: Put): Promise<string> {
    await adder.addFile(content, cid, key, signal)
    if (!(await confirm.isOnNode(cid, signal))) throw unpinned(cid)
    await confirm.atServices(
      cid,
      key,
      { source: media.source, 'capture-time': String(media.captureTime), sha256: media.sha256 },
      signal,
    )
    return contentUri(gateway, cid)
  }

  const gathering = directory === undefined ? undefined : createDirectoryPut({ directory, adder, gateway, onDirectory, confirm })
  const store = gathering?.put ?? putAlone

  return {
    specVersion: 1,
    adapter: 'ipfs',
    maxInFlight,
    async put(media, { key, jobIds, signal }) {
      signal.throwIfAborted()
      expectSnapshot(media, 'ipfs')
      if (media.data.byteLength === 0) throw empty(key)
      const path = mfsPathOf?.(media, key)
      // A copy: the bytes are core's, and a folder may be sent when a put of one of its pictures is over already.
      const content = new Uint8Array(media.data)
      const cid = await fileCid(content, layout).catch((thrown: unknown) => {
        throw classifyNodeError(thrown, `compute the CID of ${key}`)
      })
      signal.throwIfAborted()
      const uri = await store({ content, cid, key, media, jobIds, signal })
      if (path !== undefined) await inTurn(path, signal, () => copyToMfs(request, cid, path, signal))
      return { uri }
    },
    async close() {
      gathering?.close()
      own = undefined
    },
  }
}

function empty(key: string): SnapmintError {
  const message = `The picture ${key} has no bytes, and was not stored: mend what made it`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs' })
}
