import { SnapmintError } from '@snapmint/core/adapter'
import { messageBehind } from './classify-node-error.js'
import type { NodeRequest } from './node-request.js'

/** Asks the node whether it has pinned `cid` with all below it. @throws `SNAPMINT_SINK_FAILED`, retryable, when it has not. */
export async function expectPinned(request: NodeRequest, cid: string, signal: AbortSignal): Promise<void> {
  const action = `see whether the node has pinned ${cid}`
  const isPinned = request(action, signal, async (client, { signal: callSignal }) => {
    for await (const pin of client.pin.ls({ paths: cid, type: 'recursive', signal: callSignal }))
      if (String(pin.cid) === cid) return true
    return false
  })
  const answer = await isPinned.catch((error: unknown) => {
    if (/not pinned/i.test(messageBehind(error))) return false
    throw error
  })
  if (answer) return
  const message = `The node added ${cid} but has not pinned it, and would delete it when it collects garbage: see what unpins there`
  throw new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true })
}
