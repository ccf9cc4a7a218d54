import { SnapmintError } from '@snapmint/core/adapter'
import type { IpfsLikeClient } from './ipfs-client.js'

export interface OwnClientOptions {
  readonly url: string
  readonly authorization: string | undefined
}

/** Loads kubo-rpc-client and makes a client for the node. @throws `SNAPMINT_MISSING_DEPENDENCY` */
export async function createOwnClient({ url, authorization }: OwnClientOptions): Promise<IpfsLikeClient> {
  const { create } = await load()
  return create({ url: apiUrl(url), ...(authorization === undefined ? {} : { headers: { authorization } }) })
}

/** Where a node answers, behind a proxy's path, too. The client takes any path of a URL for the whole. */
export function apiUrl(url: string): string {
  const base = url.replace(/\/+$/, '')
  return base.endsWith('/api/v0') ? base : `${base}/api/v0`
}

async function load() {
  try {
    return await import('kubo-rpc-client')
  } catch (cause) {
    const message =
      'The ipfs sink needs the package kubo-rpc-client, which cannot be loaded: run `npm install kubo-rpc-client`, or give a `client`'
    throw new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { adapter: 'ipfs', cause })
  }
}
