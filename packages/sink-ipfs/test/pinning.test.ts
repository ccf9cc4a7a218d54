import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ipfsSink } from '../src/ipfs-sink.js'
import type { IpfsSinkOptions, PinningServiceOptions } from '../src/ipfs-sink-options.js'
import { createIpfsDouble, type IpfsDouble, nodeAddresses } from './double/ipfs-double.js'
import { createPinningDouble, type PinningDouble } from './double/pinning-double.js'
import { failureOf } from './fixtures/failure-of.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'
import { folderCid, rawCid } from './fixtures/reference-cid.js'

let node: IpfsDouble
let service: PinningDouble

beforeEach(async () => {
  node = await createIpfsDouble()
  service = await createPinningDouble()
})

afterEach(() => Promise.all([node.close(), service.close()]))

const media = makePicture(1)
const cid = rawCid(media.data)
const sinkOf = (fields: Partial<PinningServiceOptions> = {}, options: Partial<IpfsSinkOptions> = {}) => {
  const { endpoint, token } = service
  return ipfsSink({ url: node.url, pinningServices: [{ endpoint, token, pollMs: 1, ...fields }], ...options })
}
const put = (sink = sinkOf()) => sink.put(media, contextOf(media))

describe('pinningServices', () => {
  it('ask each service, and acknowledge when it says pinned', async () => {
    expect(await put()).toEqual({ uri: `ipfs://${cid}` })
    expect(service.asked()).toEqual(['GET /pins', 'POST /pins', 'GET /pins/…', 'GET /pins/…'])
    expect([...service.pins.values()][0]!.pin).toEqual({
      cid,
      name: `easel/${media.captureTime}.jpg`,
      // Of the node's addresses those that others can reach.
      origins: [nodeAddresses[1]],
      meta: { source: 'easel', 'capture-time': String(media.captureTime), sha256: media.sha256 },
    })
  })

  it('add no second request when a put is repeated, whatever the first one has come to', async () => {
    service.control.states = () => ['queued', 'pinning', 'pinned']
    await put()
    await put()
    expect(service.pins.size).toBe(1)
    service.create({ cid, name: 'older' }).states.splice(0, 9, 'failed')
    await put()
    expect(service.pins.size).toBe(2)
    expect(service.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('ask again a bounded number of times when pinning fails', async () => {
    service.control.states = (made) => (made < 2 ? ['pinning', 'failed'] : ['pinned'])
    await put()
    expect(service.requests.filter(({ method }) => method === 'POST')).toHaveLength(3)
    expect(service.pins.size).toBe(1)
  })

  it('acknowledge nothing when it goes on failing', async () => {
    service.control.states = () => ['failed']
    const error = await failureOf(put())
    expect(error).toMatchObject({
      code: 'SNAPMINT_SINK_FAILED',
      retryable: true,
      message: expect.stringContaining('no provider found'),
    })
    expect(service.requests.filter(({ method }) => method === 'POST')).toHaveLength(3)
    // The next put begins anew, with what it finds.
    expect(await failureOf(put(sinkOf({ maxRepins: 0 })))).toMatchObject({ retryable: true })
    expect(service.requests.filter(({ method }) => method === 'POST')).toHaveLength(4)
    expect(service.pins.size).toBe(1)
  })

  it('acknowledge nothing that is not pinned in time, and find the request the next time', async () => {
    service.control.states = () => ['queued']
    const request = service.create({ cid })
    const error = await failureOf(put(sinkOf({ timeoutMs: 40 })))
    expect(error).toMatchObject({
      code: 'SNAPMINT_SINK_TIMEOUT',
      retryable: true,
      message: expect.stringContaining('within 40 ms'),
    })
    request.states.splice(0, 1, 'pinned')
    await put()
    expect(service.pins.size).toBe(1)
  })

  it('stop asking when the put is aborted', async () => {
    service.control.states = () => ['queued']
    const controller = new AbortController()
    const putting = sinkOf().put(media, contextOf(media, { signal: controller.signal }))
    await expect.poll(() => service.requests.length, { timeout: 10_000 }).toBeGreaterThan(3)
    controller.abort('enough')
    await expect(putting).rejects.toBe('enough')
    const asked = service.requests.length
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(service.requests.length - asked).toBeLessThan(2)
  })

  it.each([
    [401, {}, 'SNAPMINT_SINK_FORBIDDEN', false],
    [403, {}, 'SNAPMINT_SINK_FORBIDDEN', false],
    [402, {}, 'SNAPMINT_SINK_FULL', true],
    [409, { error: { reason: 'INSUFFICIENT_FUNDS' } }, 'SNAPMINT_SINK_FULL', true],
    [400, { error: { reason: 'BAD_REQUEST', details: 'no' } }, 'SNAPMINT_SINK_FAILED', false],
    [307, {}, 'SNAPMINT_SINK_FAILED', false],
    [500, {}, 'SNAPMINT_SINK_FAILED', true],
    [503, '<html>', 'SNAPMINT_SINK_FAILED', true],
    [200, '<html>Welcome</html>', 'SNAPMINT_SINK_FAILED', true],
    [200, { hello: 'world' }, 'SNAPMINT_SINK_FAILED', true],
  ])('read the answer %i %j as %s', async (status, body, code, retryable) => {
    service.control.fault = () => ({ status, body, headers: { location: 'http://127.0.0.1:1/' } })
    expect(await failureOf(put())).toMatchObject({ code, retryable, adapter: 'ipfs' })
    expect(service.requests).toHaveLength(1)
  })

  it('pass on when to come again', async () => {
    service.control.fault = () => ({ status: 429, headers: { 'retry-after': '12' } })
    expect(await failureOf(put())).toMatchObject({ retryable: true, retryAfterMs: 12_000 })
  })

  it('take a broken connection and a service that hangs for something that passes', async () => {
    service.control.fault = () => 'reset'
    expect(await failureOf(put())).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
    service.control.fault = () => 'hang'
    expect(await failureOf(put(sinkOf({ requestTimeoutMs: 30 })))).toMatchObject({
      code: 'SNAPMINT_SINK_TIMEOUT',
      retryable: true,
    })
  })

  it('use the request that somebody else made in the meantime', async () => {
    service.control.refusesDuplicates = true
    let looks = 0
    service.control.fault = ({ method, path }) => {
      if (method !== 'GET' || path !== '/psa/pins') return undefined
      looks += 1
      if (looks > 1) return undefined
      service.create({ cid })
      return { status: 200, body: { count: 0, results: [] } }
    }
    await put()
    expect(service.pins.size).toBe(1)
  })

  it('take no other content for the picture', async () => {
    service.control.heedsFilter = false
    service.create({ cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' }).states.splice(0, 9, 'pinned')
    await put()
    expect(service.pins.size).toBe(2)
  })

  it('do not believe an answer about something else', async () => {
    service.control.fault = ({ method }) =>
      method === 'POST' ? { status: 202, body: { requestid: 'x', status: 'pinned', pin: { cid: 'bafkreiother' } } } : undefined
    expect(await failureOf(put())).toMatchObject({ retryable: true, message: expect.stringContaining('cannot be trusted') })
  })

  it('send the token in a header, and show it nowhere', async () => {
    const token = 'top+secret'
    service.control.fault = ({ authorization, path, query }) => {
      expect(`${path}?${query}`).not.toContain(token)
      return { status: 500, body: { error: { reason: 'OOPS', details: `you sent ${authorization}` } } }
    }
    for (const status of ['OOPS', 'echo']) {
      const error = await failureOf(put(sinkOf({ token, name: status })))
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(token)
    }
    expect(service.requests[0]!.authorization).toBe(`Bearer ${token}`)
  })

  it('show nothing of a token that is longer than a message, wherever it is echoed', async () => {
    const token = 'eyJhbGciOi'.repeat(70)
    service.control.fault = ({ method, authorization }) => {
      if (method === 'GET') return { status: 200, body: { count: 0, results: [] } }
      return { status: 202, body: { requestid: 'x', status: 'failed', pin: { cid }, info: { status_details: authorization } } }
    }
    const failed = await failureOf(put(sinkOf({ token, maxRepins: 0 })))
    service.control.fault = ({ authorization }) => ({ status: 500, body: { error: { reason: 'OOPS', details: authorization } } })
    const refused = await failureOf(put(sinkOf({ token })))
    for (const error of [failed, refused]) {
      expect(error.message).toContain('Bearer ***')
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(token.slice(0, 10))
    }
  })

  it('get the token from the environment or from a function, each time', async () => {
    process.env.SNAPMINT_TEST_PIN_TOKEN = service.token
    await put(sinkOf({ token: undefined, tokenEnv: 'SNAPMINT_TEST_PIN_TOKEN' }))
    delete process.env.SNAPMINT_TEST_PIN_TOKEN
    const unset = await failureOf(put(sinkOf({ token: undefined, tokenEnv: 'SNAPMINT_TEST_PIN_TOKEN' })))
    expect(unset).toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN', message: expect.stringContaining('SNAPMINT_TEST_PIN_TOKEN') })
    await put(sinkOf({ token: async () => service.token }))
    const failing = await failureOf(put(sinkOf({ token: () => Promise.reject(new Error('vault sealed')) })))
    expect(failing).toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN', message: expect.stringContaining('vault sealed') })
  })

  it('are all needed, and one that refuses ends the waiting for the others', async () => {
    const other = await createPinningDouble({ token: 'other' })
    other.control.states = () => ['queued']
    const { endpoint, token } = service
    const both = (second: string) =>
      ipfsSink({
        url: node.url,
        pinningServices: [
          { endpoint: other.endpoint, token: 'other', pollMs: 1 },
          { endpoint, token: second, pollMs: 1 },
        ],
      })
    expect(await failureOf(put(both('wrong')))).toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN' })
    for (const record of other.pins.values()) record.states.splice(0, 1, 'pinned')
    other.control.states = () => ['pinned']
    await put(both(token))
    expect(service.pins.size).toBe(1)
    await other.close()
  })

  it('pin a folder by its root, once', async () => {
    const sink = sinkOf({}, { directory: { maxPictures: 2, maxWaitMs: 60_000 } })
    const two = [makePicture(1), makePicture(2)]
    await Promise.all(two.map((picture) => sink.put(picture, contextOf(picture))))
    expect([...service.pins.values()].map(({ pin }) => pin)).toMatchObject([
      { cid: folderCid({ 0: two[0]!.data, 1: two[1]!.data }), meta: { pictures: '2' } },
    ])
  })

  it('find the request for a folder again when its puts are repeated one by one', async () => {
    service.control.states = () => ['queued']
    const sink = sinkOf({ timeoutMs: 40 }, { directory: { maxPictures: 2, maxWaitMs: 5 } })
    const two = [makePicture(1), makePicture(2)] as const
    for (const result of await Promise.allSettled(two.map((picture) => sink.put(picture, contextOf(picture)))))
      expect(result).toMatchObject({ reason: { code: 'SNAPMINT_SINK_TIMEOUT', retryable: true } })
    for (const picture of two)
      expect(await failureOf(sink.put(picture, contextOf(picture)))).toMatchObject({ code: 'SNAPMINT_SINK_TIMEOUT' })
    for (const { states } of service.pins.values()) states.splice(0, 1, 'pinned')
    const root = folderCid({ 0: two[0].data, 1: two[1].data })
    for (const [index, picture] of two.entries())
      expect(await sink.put(picture, contextOf(picture))).toEqual({ uri: `ipfs://${root}/${index}` })
    expect([...service.pins.values()].map(({ pin }) => pin.cid)).toEqual([root])
    expect(node.count('add')).toBe(1)
  })

  it('are asked once for the same bytes under two keys at the same time, and one put leaves the other its request', async () => {
    service.control.states = () => ['queued']
    const controller = new AbortController()
    const twin = makePicture(2, { data: media.data })
    const sink = sinkOf()
    const aborted = sink.put(media, contextOf(media, { signal: controller.signal }))
    const kept = sink.put(twin, contextOf(twin))
    await expect.poll(() => service.requests.length, { timeout: 10_000 }).toBeGreaterThan(3)
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    for (const { states } of service.pins.values()) states.splice(0, 1, 'pinned')
    expect(await kept).toEqual({ uri: `ipfs://${cid}` })
    expect(service.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('pin also when the node does not tell its addresses', async () => {
    node.setFault(({ command }) => (command === 'id' ? 'reset' : undefined))
    await put()
    expect([...service.pins.values()][0]!.pin.origins).toEqual([])
  })
})
