import { describe, expect, it } from 'vitest'
import { authorization, isStale } from '../../src/auth/http-digest.js'

const mufasa = { username: 'Mufasa', password: 'Circle of Life' }
const nonce7616 = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'
const rfc7616 = {
  method: 'GET',
  uri: '/dir/index.html',
  credentials: mufasa,
  nonceCount: 1,
  clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
}
const challenge7616 = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce7616}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`

function fieldsOf(header: string | undefined): Record<string, string> {
  const fields = [...(header ?? '').matchAll(/([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)]
  return Object.fromEntries(fields.map(([, name = '', quoted, token]) => [name, quoted ?? token ?? '']))
}

describe('authorization', () => {
  it('answers the examples of RFC 7616 as they stand there', () => {
    const md5 = authorization({ ...rfc7616, challenges: challenge7616('MD5') })
    expect(fieldsOf(md5)).toEqual({
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      nonce: nonce7616,
      uri: '/dir/index.html',
      response: '8ca523f5e9506fed4657c9700eebdbec',
      algorithm: 'MD5',
      opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
      qop: 'auth',
      nc: '00000001',
      cnonce: rfc7616.clientNonce,
    })
    const sha = authorization({ ...rfc7616, challenges: challenge7616('SHA-256') })
    expect(fieldsOf(sha).response).toBe('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1')
  })

  it('answers the example of RFC 2617, whatever the case and quotes of the challenge', () => {
    const nonce = 'dcd98b7102dd2f0e8b11d0f600bfb0c093'
    const credentials = { username: 'Mufasa', password: 'Circle Of Life' }
    const request = { ...rfc7616, credentials, clientNonce: '0a4f113b' }
    for (const challenges of [
      `Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="${nonce}"`,
      `DIGEST Realm = "testrealm@host.com",QOP=auth , Nonce=${nonce}, algorithm="md5"`,
    ])
      expect(fieldsOf(authorization({ ...request, challenges })).response).toBe('6629fae49393a05397450978507c4ef1')
  })

  it('answers without a client nonce where the server names no qop, as in RFC 2069', () => {
    const challenges = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    const credentials = { username: 'Mufasa', password: 'CircleOfLife' }
    const fields = fieldsOf(authorization({ ...rfc7616, credentials, challenges }))
    expect(fields.response).toBe('1949323746fe6a43ef61f9606e7febea')
    expect(Object.keys(fields)).toEqual(['username', 'realm', 'nonce', 'uri', 'response'])
  })

  it('counts the uses of a nonce in eight hexadecimal digits', () => {
    const header = authorization({ ...rfc7616, challenges: challenge7616('MD5'), nonceCount: 26 })
    expect(header).toContain('nc=0000001a')
  })

  it('takes the strongest of several challenges, in one header or in several', () => {
    const basic = 'Basic realm="camera"'
    const list = [basic, ', Negotiate abc==,', challenge7616('MD5'), challenge7616('SHA-256'), challenge7616('SHA-9')]
    for (const challenges of [list, list.join(', '), [...list].reverse()])
      expect(fieldsOf(authorization({ ...rfc7616, challenges })).algorithm).toBe('SHA-256')
    expect(authorization({ ...rfc7616, challenges: [basic, challenge7616('SHA-9')] })).toMatch(/^Basic /)
  })

  it('keeps the algorithm of a session, and hashes the nonces into its key', () => {
    const plain = fieldsOf(authorization({ ...rfc7616, challenges: challenge7616('SHA-256') }))
    const session = fieldsOf(authorization({ ...rfc7616, challenges: challenge7616('SHA-256-sess') }))
    expect(session.algorithm).toBe('SHA-256-sess')
    expect(session.response).toMatch(/^[0-9a-f]{64}$/)
    expect(session.response).not.toBe(plain.response)
  })

  it('sends Basic credentials in UTF-8', () => {
    const credentials = { username: 'jörg', password: 'pä:ss' }
    const header = authorization({ ...rfc7616, credentials, challenges: 'Basic realm="camera", charset="UTF-8"' })
    expect(Buffer.from((header ?? '').slice(6), 'base64').toString('utf8')).toBe('jörg:pä:ss')
  })

  it('escapes quotes, and encodes names that a header cannot carry', () => {
    const challenges = 'Digest realm="the \\"back\\" door", nonce="a\\\\b"'
    const header = authorization({ ...rfc7616, credentials: { username: 'jörg', password: 'x' }, challenges })
    expect(header).toContain('realm="the \\"back\\" door", nonce="a\\\\b"')
    expect(header).toContain("username*=UTF-8''j%C3%B6rg")
    expect(header).toMatch(/^[\x20-\x7e]+$/)
  })

  it('makes a new client nonce for each answer', () => {
    const { clientNonce: _, ...request } = { ...rfc7616, challenges: challenge7616('MD5') }
    expect(fieldsOf(authorization(request)).cnonce).not.toBe(fieldsOf(authorization(request)).cnonce)
  })

  it('knows nothing to say to challenges of other kinds, and to nonsense', () => {
    for (const challenges of ['', 'Bearer', 'Negotiate abc==', 'Digest realm="no nonce"', ',,,"', [], 'nonce="x", Basic="y"'])
      expect(authorization({ ...rfc7616, challenges })).toBeUndefined()
  })
})

describe('isStale', () => {
  it('tells an old nonce from wrong credentials', () => {
    expect(isStale('Digest realm="x", nonce="y", stale=TRUE')).toBe(true)
    expect(isStale(['Basic realm="x"', 'Digest realm="x", nonce="y", stale="true"'])).toBe(true)
    expect(isStale('Digest realm="stale=true", nonce="y", stale=false')).toBe(false)
  })
})
