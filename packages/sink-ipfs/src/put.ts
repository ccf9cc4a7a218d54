import type { Media } from '@snapmint/core/adapter'
import { isPinned } from './node-pin.js'
import type { NodeRequest } from './node-request.js'
import type { PinRequest } from './pinning-client.js'
import { createRemotePins } from './remote-pins.js'
import type { ResolvedIpfsOptions } from './resolve-options.js'
import { createShared } from './shared.js'

/** One picture on its way. */
export interface Put {
  /** Of our own, and never written. */
  readonly content: Uint8Array<ArrayBuffer>
  readonly cid: string
  readonly key: string
  readonly media: Media
  readonly jobIds: readonly string[]
  readonly signal: AbortSignal
}

/** Makes sure that added content is pinned wherever the options want it. */
export interface Confirm {
  /** Whether the node has it pinned; without `verify` it is not asked, and believed. */
  isOnNode(cid: string, signal: AbortSignal): Promise<boolean>
  /** Has it pinned by each of the services. Who asks for the same content at the same time shares the request. */
  atServices(cid: string, name: string, meta: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>
}

/** Limits of the Pinning Service API. */
const maxNameLength = 255
const maxOrigins = 20

export function createConfirm({ verify, pinningServices, fetch }: ResolvedIpfsOptions, request: NodeRequest): Confirm {
  const pinRemotely = createRemotePins(pinningServices, fetch)
  const pin = createShared<Omit<PinRequest, 'origins'>>(async (content, signal) => {
    const origins = await originsOf(request, signal)
    await pinRemotely({ ...content, origins }, signal)
  })
  return {
    isOnNode: async (cid, signal) => !verify || isPinned(request, cid, signal),
    async atServices(cid, name, meta, signal) {
      if (pinningServices.length === 0) return
      await pin(cid, { cid, name: [...name].slice(0, maxNameLength).join(''), meta }, signal)
    },
  }
}

/** Where services can fetch from. They find the node without it as well, more slowly: that it is not known stops nothing. */
async function originsOf(request: NodeRequest, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const addresses = await request('ask the node for its addresses', signal, async (client, options) => {
      const answer = await client.id?.(options)
      return [...(answer?.addresses ?? [])].map(String)
    })
    return addresses.filter((address) => !/^\/ip4\/127\.|^\/ip6\/::1\/|^\/dns\d?\/localhost\//.test(address)).slice(0, maxOrigins)
  } catch {
    signal.throwIfAborted()
    return []
  }
}
