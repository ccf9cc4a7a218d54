import { expectHttpUrl } from '@snapmint/core/adapter'

/** @throws TypeError */
export function expectGateway(gateway: string, cidVersion: 0 | 1): void {
  expectHttpUrl('gateway', typeof gateway === 'string' ? gateway.replace('{cid}', 'cid') : gateway)
  if (/[{}]/.test(gateway.replace('{cid}', '')))
    throw new TypeError('Expected `gateway` to have no other placeholder than {cid}, once')
  if (cidVersion === 0 && /^https?:\/\/[^/]*\{cid\}/i.test(gateway))
    throw new TypeError(
      'A CID of `cidVersion: 0` has upper and lower case, and a host has not: use {cid} in the path of `gateway`',
    )
}

/** Where content is, in the form that receipts have. */
export function contentUri(gateway: string | undefined, cid: string, path = ''): string {
  const below = path === '' ? '' : `/${path}`
  if (gateway === undefined) return `ipfs://${cid}${below}`
  const base = gateway.replace(/\/+$/, '')
  return base.includes('{cid}') ? `${base.replace('{cid}', cid)}${below}` : `${base}/ipfs/${cid}${below}`
}
