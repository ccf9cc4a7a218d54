import { SnapmintError } from '@snapmint/core/adapter'
import { messageBehind } from './classify-node-error.js'
import type { NodeRequest } from './node-request.js'

/** Asks the node whether it has pinned `cid` with all below it. */
export function isPinned(request: NodeRequest, cid: string, signal: AbortSignal): Promise<boolean> {
  const action = `see whether the node has pinned ${cid}`
  const answer = request(action, signal, async (client, { signal: callSignal }) => {
    for await (const pin of client.pin.ls({ paths: cid, type: 'recursive', signal: callSignal }))
      if (String(pin.cid) === cid) return true
    return false
  })
  return answer.catch((error: unknown) => {
    if (/not pinned/i.test(messageBehind(error))) return false
    throw error
  })
}

/** `SNAPMINT_SINK_FAILED`, retryable. */
export function unpinned(cid: string): SnapmintError {
  const message = `The node added ${cid} but has not pinned it, and would delete it when it collects garbage: see its log, and what unpins there`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true })
}
