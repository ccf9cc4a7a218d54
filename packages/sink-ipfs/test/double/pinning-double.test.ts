import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPinningDouble, type PinningDouble } from './pinning-double.js'

let double: PinningDouble

beforeEach(async () => {
  double = await createPinningDouble()
})

afterEach(() => double.close())

async function ask(method: string, path: string, body?: unknown, token = double.token) {
  const response = await fetch(`${double.endpoint}/pins${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { code: response.status, ...((await response.json()) as { readonly requestid?: string }) }
}

describe('the double of a pinning service', () => {
  it('answers 202 to a request, and comes to pinned by and by', async () => {
    const made = await ask('POST', '', { cid: 'bafy' })
    expect(made).toMatchObject({ code: 202, status: 'queued', pin: { cid: 'bafy' } })
    const path = `/${encodeURIComponent(String(made.requestid))}`
    expect([await ask('GET', path), await ask('GET', path)]).toMatchObject([{ status: 'pinning' }, { status: 'pinned' }])
  })

  it('lists only what is pinned unless it is asked for more, as the specification wants', async () => {
    await ask('POST', '', { cid: 'bafy' })
    expect(await ask('GET', '?cid=bafy')).toMatchObject({ count: 0 })
    expect(await ask('GET', '?cid=bafy&status=queued,pinning')).toMatchObject({ count: 1 })
    expect(await ask('GET', '?cid=other&status=queued,pinning')).toMatchObject({ count: 0 })
  })

  it('gives a replaced request another id, and forgets the old one', async () => {
    const made = await ask('POST', '', { cid: 'bafy' })
    const path = `/${encodeURIComponent(String(made.requestid))}`
    const again = await ask('POST', path, { cid: 'bafy' })
    expect(again.requestid).not.toBe(made.requestid)
    expect(await ask('GET', path)).toMatchObject({ error: { reason: 'NOT_FOUND' } })
  })

  it('refuses a wrong token', async () => {
    expect(await ask('GET', '', undefined, 'wrong')).toMatchObject({ code: 401, error: { reason: 'UNAUTHORIZED' } })
  })
})
