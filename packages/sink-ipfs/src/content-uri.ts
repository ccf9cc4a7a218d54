import { expectUrl } from './expect-text.js'

/** @throws TypeError */
export function expectGateway(gateway: string): void {
  expectUrl('gateway', typeof gateway === 'string' ? gateway.replace('{cid}', 'cid') : gateway)
  if (/[{}]/.test(gateway.replace('{cid}', '')))
    throw new TypeError('Expected `gateway` to have no other placeholder than {cid}, once')
}

/** Where content is, in the form that receipts have. */
export function contentUri(gateway: string | undefined, cid: string, path = ''): string {
  const below = path === '' ? '' : `/${path}`
  if (gateway === undefined) return `ipfs://${cid}${below}`
  const base = gateway.replace(/\/+$/, '')
  return base.includes('{cid}') ? `${base.replace('{cid}', cid)}${below}` : `${base}/ipfs/${cid}${below}`
}
