import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IpfsLikeClient } from '../src/ipfs-client.js'
import { ipfsSink } from '../src/ipfs-sink.js'
import { createIpfsDouble, type IpfsDouble, refusal } from './double/ipfs-double.js'
import { clients } from './fixtures/clients.js'
import { failureOf } from './fixtures/failure-of.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'
import { rawCid } from './fixtures/reference-cid.js'

let double: IpfsDouble

beforeEach(async () => {
  double = await createIpfsDouble()
})

afterEach(() => double.close())

const media = makePicture(1)
const cid = rawCid(media.data)

describe('ipfsSink', () => {
  it.each(clients)('adds, pins, verifies and names through %s, and says all that the CID depends on', async (_name, make) => {
    const sink = ipfsSink({ client: make(double.url), verify: true, mfsPath: '/snapmint/{source}/{seconds}.{ext}' })
    expect(await sink.put(media, contextOf(media))).toEqual({ uri: `ipfs://${cid}` })
    const [{ query }] = double.requests as [(typeof double.requests)[0]]
    expect(Object.fromEntries(query)).toMatchObject({
      'cid-version': '1',
      'raw-leaves': 'true',
      chunker: 'size-262144',
      hash: 'sha2-256',
      'max-file-links': '174',
      trickle: 'false',
      pin: 'true',
    })
    expect(double.requests.map(({ command }) => command)).toEqual(['add', 'pin/ls', 'files/stat', 'files/cp'])
    expect([...double.pins]).toEqual([cid])
    expect([...double.names]).toEqual([['/snapmint/easel/1763690400.jpg', cid]])
    await sink.close?.()
  })

  it('answers a URL of a gateway, as a path or as a host', async () => {
    for (const [gateway, uri] of [
      ['https://ipfs.example/', `https://ipfs.example/ipfs/${cid}`],
      ['https://{cid}.ipfs.example', `https://${cid}.ipfs.example`],
    ] as const)
      expect(await ipfsSink({ url: double.url, gateway }).put(media, contextOf(media))).toEqual({ uri })
  })

  it('adds with other settings where it is told to', async () => {
    const big = makePicture(7, { byteLength: 700_000 })
    const old = await ipfsSink({ url: double.url, cidVersion: 0 }).put(big, contextOf(big))
    // As js-ipfs answered it.
    expect(old.uri).toBe('ipfs://QmST6b5VBDAPhY73koEz2nXutgGLiUQNSeR9neE4vJ68qr')
    const chunked = await ipfsSink({ url: double.url, chunker: 'size-100000' }).put(big, contextOf(big))
    expect(chunked.uri).not.toBe((await ipfsSink({ url: double.url }).put(big, contextOf(big))).uri)
  })

  it('sends the authorization, and never shows it', async () => {
    const guarded = await createIpfsDouble({ authorization: 'Basic c2VjcmV0' })
    await ipfsSink({ url: guarded.url, authorization: 'Basic c2VjcmV0' }).put(media, contextOf(media))
    expect([...guarded.pins]).toEqual([cid])
    const error = await failureOf(ipfsSink({ url: guarded.url, authorization: 'Basic d3Jvbmc=' }).put(media, contextOf(media)))
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FORBIDDEN', retryable: false })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('d3Jvbmc')
    await guarded.close()
  })

  it('takes the authorization out of what a node or a proxy echoes, also when it is longer than a message', async () => {
    for (const authorization of ['Basic d3Jvbmc6aHVudGVyMg==', `Bearer ${'eyJhbGciOi'.repeat(70)}`]) {
      const [, secret = ''] = authorization.split(' ')
      for (const echo of [`Authorization: ${authorization}`, `bad credentials ${secret}`]) {
        double.setFault(() => refusal(500, echo))
        const error = await failureOf(ipfsSink({ url: double.url, authorization }).put(media, contextOf(media)))
        expect(error.message).toContain('***')
        expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret.slice(0, 10))
      }
    }
  })

  it('does not believe a node that answers the CID of something else', async () => {
    for (const fault of ['wrong-cid', 'damaged'] as const) {
      double.setFault(() => fault)
      const error = await failureOf(ipfsSink({ url: double.url }).put(media, contextOf(media)))
      expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true, message: expect.stringContaining(cid) })
    }
  })

  it('gives up on a node that adds by settings of its own, and says which', async () => {
    double.setFault(() => 'own-settings')
    const error = await failureOf(ipfsSink({ url: double.url }).put(media, contextOf(media)))
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(/under other settings.*raw-leaves/) })
  })

  it('does not acknowledge what the node has not pinned, unless it is told to believe it', async () => {
    double.setFault(() => 'unpinned')
    for (const [, make] of clients) {
      const error = await failureOf(ipfsSink({ client: make(double.url) }).put(media, contextOf(media)))
      expect(error).toMatchObject({
        code: 'SNAPMINT_SINK_FAILED',
        retryable: true,
        message: expect.stringContaining('not pinned'),
      })
    }
    expect(await ipfsSink({ url: double.url, verify: false }).put(media, contextOf(media))).toEqual({ uri: `ipfs://${cid}` })
    expect(double.count('pin/ls')).toBe(2)
  })

  it('asks once, and passes on when to come again', async () => {
    double.setFault(() => refusal(429, 'slow down', { 'retry-after': '7' }))
    const error = await failureOf(ipfsSink({ url: double.url }).put(media, contextOf(media)))
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 7000 })
    expect(double.requests).toHaveLength(1)
  })

  it.each(clients)('says through %s that nobody answers', async (_name, make) => {
    const error = await failureOf(ipfsSink({ client: make('http://127.0.0.1:1') }).put(media, contextOf(media)))
    expect(error).toMatchObject({ code: 'SNAPMINT_SINK_FAILED', retryable: true })
  })

  it.each([
    [500, 'maximum storage limit exceeded. Try to unpin some files', 'SNAPMINT_SINK_FULL', true],
    [500, 'context deadline exceeded', 'SNAPMINT_SINK_FAILED', true],
    [500, 'bafy is blocked and cannot be provided', 'SNAPMINT_SINK_FAILED', false],
    [500, 'open /data/ipfs/x: read-only file system', 'SNAPMINT_SINK_FORBIDDEN', false],
    [502, 'bad gateway', 'SNAPMINT_SINK_FAILED', true],
    [413, 'too large', 'SNAPMINT_SINK_FAILED', false],
    [405, 'method not allowed', 'SNAPMINT_SINK_FAILED', false],
    [401, 'who are you', 'SNAPMINT_SINK_FORBIDDEN', false],
  ])('reads %i %s as %s', async (status, message, code, retryable) => {
    double.setFault(() => refusal(status, message))
    for (const [, make] of clients)
      expect(await failureOf(ipfsSink({ client: make(double.url) }).put(media, contextOf(media)))).toMatchObject({
        code,
        retryable,
      })
  })

  it("rejects with the signal's reason at once, also when the client does not heed the abort", async () => {
    const reason = new Error('enough')
    let hasBegun = () => {}
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const deaf = {
      async *addAll() {
        hasBegun()
        await new Promise(() => {})
      },
      pin: { async *ls() {} },
    } as unknown as IpfsLikeClient
    const controller = new AbortController()
    const putting = ipfsSink({ client: deaf }).put(media, contextOf(media, { signal: controller.signal }))
    await begun
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    controller.abort(reason)
    await expect(putting).rejects.toBe(reason)
    // That of the request.
    expect(timers()).toBe(before - 1)
  })

  it('ends a request that takes too long, and closes its connection', async () => {
    double.setFault(() => 'hang')
    const error = await failureOf(ipfsSink({ url: double.url, timeoutMs: 40 }).put(media, contextOf(media)))
    expect(error).toMatchObject({
      code: 'SNAPMINT_SINK_TIMEOUT',
      retryable: true,
      message: expect.stringContaining('within 40 ms'),
    })
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
  })

  it('refuses a picture of no bytes, for good, and asks nobody', async () => {
    const empty = makePicture(1, { data: new Uint8Array(0) })
    expect(await failureOf(ipfsSink({ url: double.url }).put(empty, contextOf(empty)))).toMatchObject({ retryable: false })
    expect(double.requests).toEqual([])
  })

  it('stores bytes that lie in shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3000))
    shared.set(media.data)
    const { uri } = await ipfsSink({ url: double.url }).put(
      { ...media, data: shared as unknown as Uint8Array<ArrayBuffer> },
      contextOf(media),
    )
    expect(uri).toBe(`ipfs://${cid}`)
  })
})
