import { createHash, createVerify } from 'node:crypto'
import { refusal } from './refusal.js'

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** Checks a V4 signed URL as Cloud Storage does, but for the port of `host`, which the SDK does not sign. @throws Refusal */
export function checkSignedUrl({ host, path, query }: { host: string; path: string; query: URLSearchParams }, publicKey: string) {
  const signature = query.get('X-Goog-Signature') ?? ''
  const date = query.get('X-Goog-Date') ?? ''
  const [, ...scope] = (query.get('X-Goog-Credential') ?? '').split('/')
  const canonicalQuery = [...query]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const canonical = ['GET', path, canonicalQuery, `host:${host.replace(/:\d+$/, '')}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const digest = createHash('sha256').update(canonical).digest('hex')
  const text = [query.get('X-Goog-Algorithm'), date, scope.join('/'), digest].join('\n')
  const isSigned = createVerify('RSA-SHA256').update(text).verify(publicKey, Buffer.from(signature, 'hex'))
  if (!isSigned) throw refusal(403, 'SignatureDoesNotMatch')
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Date.now() > signedAt + Number(query.get('X-Goog-Expires')) * 1000) throw refusal(400, 'ExpiredToken')
}
