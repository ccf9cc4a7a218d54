import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { refusal } from './refusal.js'

export interface SignedRequest {
  readonly method: string
  /** As it was sent, query included. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

export interface SignatureRules {
  readonly region: string
  readonly secrets: Readonly<Record<string, string>>
  readonly now: () => number
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** The parts of a signature, from the header or from a presigned URL. */
function readSignature({ headers, url }: SignedRequest) {
  const query = new URL(url, 'http://double').searchParams
  const presigned = query.has('X-Amz-Signature')
  const field = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(headers.authorization ?? '')?.[1]
  const credential = (presigned ? query.get('X-Amz-Credential') : field('Credential')) ?? ''
  const [accessKeyId = '', day = '', region = ''] = credential.split('/')
  return {
    presigned,
    accessKeyId,
    day,
    region,
    signedHeaders: (presigned ? query.get('X-Amz-SignedHeaders') : field('SignedHeaders'))?.split(';') ?? [],
    signature: presigned ? query.get('X-Amz-Signature') : field('Signature'),
    date: (presigned ? query.get('X-Amz-Date') : headers['x-amz-date']?.toString()) ?? '',
    expires: Number(query.get('X-Amz-Expires') ?? 0),
    payload: presigned ? 'UNSIGNED-PAYLOAD' : (headers['x-amz-content-sha256']?.toString() ?? ''),
  }
}

const timeOf = (date: string) => Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

/** AWS Signature Version 4, checked as S3 does: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export function checkSignature(request: SignedRequest, { region, secrets, now }: SignatureRules): void {
  const signed = readSignature(request)
  if (signed.signature === undefined || signed.signature === null) throw refusal(403, 'AccessDenied', 'Anonymous access is off')
  const secret = secrets[signed.accessKeyId]
  if (secret === undefined) throw refusal(403, 'InvalidAccessKeyId', 'The access key id does not exist in our records')
  if (signed.region !== region)
    throw refusal(400, 'AuthorizationHeaderMalformed', `The region '${signed.region}' is wrong; expecting '${region}'`, {
      fields: { Region: region },
    })
  const ageMs = now() - timeOf(signed.date)
  if (signed.presigned ? ageMs > signed.expires * 1000 : Math.abs(ageMs) > 900_000)
    throw signed.presigned
      ? refusal(403, 'AccessDenied', 'Request has expired')
      : refusal(403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large')
  const { pathname, searchParams } = new URL(request.url, 'http://double')
  searchParams.delete('X-Amz-Signature')
  const query = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const headers = signed.signedHeaders.map(
    (name) =>
      `${name}:${String(request.headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  )
  const canonical = [request.method, pathname, query.join('&'), headers.join(''), signed.signedHeaders.join(';'), signed.payload]
  const scope = `${signed.day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', signed.date, scope, sha256(canonical.join('\n'))].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, signed.day), region), 's3'), 'aws4_request')
  const expected = hmac(key, text).toString('hex')
  if (expected === signed.signature) return
  throw refusal(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided', {
    fields: { AWSAccessKeyId: signed.accessKeyId, SignatureProvided: signed.signature, StringToSign: text },
  })
}

/** The body must be the one that was signed. */
export function checkPayload(headers: IncomingHttpHeaders, body: Uint8Array): void {
  const claimed = headers['x-amz-content-sha256']?.toString() ?? 'UNSIGNED-PAYLOAD'
  if (/^(UNSIGNED|STREAMING)-/.test(claimed) || claimed === sha256(body)) return
  throw refusal(400, 'XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed")
}
