import { describe, expect, it } from 'vitest'
import { answerChallenge } from '../../src/input/answer-challenge.js'

const request = { method: 'GET', uri: '/dir/index.html', username: 'Mufasa', password: 'Circle of Life' } as const
const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'

describe('answerChallenge', () => {
  it('answers the MD5 example of RFC 7616 as it stands there', () => {
    const challenges = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="${nonce}", opaque="FQhe"`
    const answer = answerChallenge({ ...request, challenges, clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' })
    expect(answer).toContain('response="8ca523f5e9506fed4657c9700eebdbec"')
    expect(answer).toContain('opaque="FQhe", qop=auth, nc=00000001, cnonce="f2/')
  })

  it('answers without a client nonce where there is no qop, as in RFC 2069', () => {
    const challenges = 'Basic realm="x", digest Realm = "testrealm@host.com", NONCE="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    const answer = answerChallenge({ ...request, password: 'CircleOfLife', challenges })
    expect(answer).toContain('response="1949323746fe6a43ef61f9606e7febea"')
    expect(answer).not.toMatch(/cnonce|qop|nc=/)
  })

  it('answers Basic where no Digest can be answered, and nothing else', () => {
    const sha = `Digest realm="x", nonce="${nonce}", algorithm=SHA-256`
    expect(answerChallenge({ ...request, challenges: `${sha}, Basic realm="x"` })).toBe('Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl')
    expect(answerChallenge({ ...request, challenges: sha })).toBeUndefined()
    expect(answerChallenge({ ...request, challenges: 'Bearer' })).toBeUndefined()
    expect(answerChallenge({ ...request, challenges: '' })).toBeUndefined()
  })
})
