import { createHash } from 'node:crypto'
import { SnapmintError } from '@snapmint/core/adapter'
import { messageBehind } from './classify-node-error.js'
import type { IpfsFiles } from './ipfs-client.js'
import type { NodeRequest } from './node-request.js'

/**
 * Gives content the name `path` in the node's file system. Naming it again is harmless. Another file of this name is replaced by a move, so that a reader finds the one or
 * the other; only a node that does not move onto a file is told to remove it first.
 *
 * @throws `SNAPMINT_SINK_CONFLICT` when there is a folder of this name.
 */
export async function copyToMfs(request: NodeRequest, cid: string, path: string, signal: AbortSignal): Promise<void> {
  const action = `name ${cid} ${path} in the node's file system`
  const call = <T>(step: (files: IpfsFiles, options: { readonly signal: AbortSignal }) => Promise<T>) =>
    request(action, signal, ({ files }, options) => {
      if (files === undefined) throw unsupported()
      return step(files, options)
    })
  const named = async () => {
    const found = await call((files, options) => files.stat(path, options)).catch(absent)
    // A move would end inside of it.
    if (found?.type === 'directory') throw conflict(path)
    return found === undefined ? undefined : String(found.cid)
  }
  const copy = (to: string) => call((files, options) => files.cp(`/ipfs/${cid}`, to, { ...options, parents: true }))

  const found = await named()
  if (found === cid) return
  if (found === undefined) {
    const thrown = await copy(path).then(() => undefined, refusalOf)
    if (thrown === undefined || (await named()) === cid) return
    if (!isTaken(thrown)) throw thrown
  }
  const aside = temporary(path, cid)
  const taken = await copy(aside).then(() => undefined, refusalOf)
  if (taken !== undefined && !isTaken(taken)) throw taken
  const moved = await call((files, options) => files.mv(aside, path, options)).then(() => undefined, refusalOf)
  // After a move that went well another picture is there only if somebody has replaced this one since, as if it had been put later.
  if ((await named()) === cid || moved === undefined) return
  if (!isTaken(moved)) throw moved
  await call((files, options) => files.rm(path, options)).catch(absent)
  const again = await call((files, options) => files.mv(aside, path, options)).then(() => undefined, refusalOf)
  if (again !== undefined && (await named()) !== cid) throw again
}

/** A refusal is looked into; an abort, and what ended the connection, is not. */
function refusalOf(thrown: unknown): SnapmintError {
  if (SnapmintError.isInstance(thrown) && messageBehind(thrown) !== '') return thrown
  throw thrown
}

const isTaken = (error: SnapmintError) => /already (has|exists)|entry by that name|exists/i.test(messageBehind(error))

function absent(thrown: unknown): undefined {
  if (/does not exist|no link named|not found/i.test(messageBehind(thrown))) return undefined
  throw thrown
}

/** The same for the same picture, so that what a killed process left is used or replaced by the next try. */
function temporary(path: string, cid: string): string {
  const at = path.lastIndexOf('/') + 1
  return `${path.slice(0, at)}.${createHash('sha256')
    .update(`${path.slice(at)} ${cid}`)
    .digest('hex')
    .slice(0, 32)}.tmp`
}

function conflict(path: string): SnapmintError {
  const message = `${path} in the node's file system is a folder, which is not replaced: choose another \`mfsPath\`, and see who else writes there`
  return new SnapmintError('SNAPMINT_SINK_CONFLICT', message, { adapter: 'ipfs' })
}

function unsupported(): SnapmintError {
  const message = 'The `client` has no `files`: give one that has, or leave `mfsPath` out'
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs' })
}
