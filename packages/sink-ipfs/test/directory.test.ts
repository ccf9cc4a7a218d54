import type { Snapshot } from '@snapmint/core/adapter'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ipfsSink } from '../src/ipfs-sink.js'
import type { IpfsDirectory, IpfsSinkOptions } from '../src/ipfs-sink-options.js'
import { createIpfsDouble, type IpfsDouble, refusal } from './double/ipfs-double.js'
import { failureOf } from './fixtures/failure-of.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'
import { folderCid, rawCid } from './fixtures/reference-cid.js'

let double: IpfsDouble
let told: IpfsDirectory[]

beforeEach(async () => {
  double = await createIpfsDouble()
  told = []
})

afterEach(() => double.close())

const manyMs = 60_000
const sinkOf = (maxPictures: number, options: Partial<IpfsSinkOptions> = {}, maxWaitMs = manyMs) =>
  ipfsSink({
    url: double.url,
    verify: true,
    directory: { maxPictures, maxWaitMs },
    onDirectory: (directory) => told.push(directory),
    ...options,
  })
const rootOf = (pictures: readonly Snapshot[]) => folderCid(Object.fromEntries(pictures.map(({ data }, index) => [index, data])))
const pictures = [makePicture(1), makePicture(2), makePicture(3), makePicture(4)] as const

describe('directory', () => {
  it('makes one folder of the puts that are under way together, in the order of their captureTime', async () => {
    const sink = sinkOf(4)
    const uris = await Promise.all([...pictures].reverse().map((media) => sink.put(media, contextOf(media))))
    const root = rootOf(pictures)
    expect(uris.map(({ uri }) => uri)).toEqual([3, 2, 1, 0].map((index) => `ipfs://${root}/${index}`))
    expect([...double.pins]).toEqual([root])
    expect(double.count('add')).toBe(1)
    expect(told).toEqual([
      {
        cid: root,
        uri: `ipfs://${root}`,
        pictures: pictures.map(({ captureTime, data }, index) => ({
          index,
          key: `easel/${captureTime}.jpg`,
          captureTime,
          cid: rawCid(data),
          jobIds: ['job-1'],
        })),
      },
    ])
  })

  it('orders pictures of the same moment by their keys', async () => {
    const sink = sinkOf(2)
    const [one, two] = [makePicture(5, { source: 'b' }), makePicture(6, { source: 'a', captureTime: makePicture(5).captureTime })]
    await Promise.all([one, two].map((media) => sink.put(media, contextOf(media))))
    expect(told[0]!.cid).toBe(rootOf([two, one]))
  })

  it('makes a folder of one when nobody else comes', async () => {
    const { uri } = await sinkOf(4, {}, 5).put(pictures[0], contextOf(pictures[0]))
    expect(uri).toBe(`ipfs://${rootOf([pictures[0]])}/0`)
    expect([...double.pins]).toEqual([rootOf([pictures[0]])])
  })

  it('lets the same picture under the same key share an entry, with the jobs of both', async () => {
    const sink = sinkOf(2)
    const uris = await Promise.all([
      sink.put(pictures[0], contextOf(pictures[0], { jobIds: ['a'] })),
      sink.put(pictures[0], contextOf(pictures[0], { jobIds: ['b', 'a'] })),
      sink.put(pictures[1], contextOf(pictures[1])),
    ])
    expect(uris[0]).toEqual(uris[1])
    expect(told[0]!.pictures.map(({ jobIds }) => jobIds)).toEqual([['a', 'b'], ['job-1']])
  })

  it('gives the same bytes under two keys two entries', async () => {
    const sink = sinkOf(2)
    const twin = makePicture(9, { data: pictures[0].data })
    const uris = await Promise.all([pictures[0], twin].map((media) => sink.put(media, contextOf(media))))
    expect(uris.map(({ uri }) => uri.split('/').at(-1))).toEqual(['0', '1'])
  })

  it('answers a repeated put with the folder that has the picture already', async () => {
    const sink = sinkOf(2, {}, 5)
    const before = await Promise.all(pictures.slice(0, 2).map((media) => sink.put(media, contextOf(media))))
    expect(await sink.put(pictures[1], contextOf(pictures[1]))).toEqual(before[1])
    expect(double.count('add')).toBe(1)
  })

  it('stores a remembered picture anew when the node has lost its folder, but not because the node cannot be asked', async () => {
    const sink = sinkOf(1)
    const { uri } = await sink.put(pictures[0], contextOf(pictures[0]))
    double.setFault(() => 'reset')
    expect(await failureOf(sink.put(pictures[0], contextOf(pictures[0])))).toMatchObject({ retryable: true })
    double.setFault(undefined)
    expect(await sink.put(pictures[0], contextOf(pictures[0]))).toEqual({ uri })
    expect(double.count('add')).toBe(1)
    double.pins.clear()
    expect(await sink.put(pictures[0], contextOf(pictures[0]))).toEqual({ uri })
    expect(double.count('add')).toBe(2)
    expect(double.pins.size).toBe(1)
  })

  it('takes a picture out whose put is aborted before the folder is sent', async () => {
    const sink = sinkOf(2)
    const controller = new AbortController()
    const aborted = sink.put(pictures[0], contextOf(pictures[0], { signal: controller.signal }))
    const kept = sink.put(pictures[1], contextOf(pictures[1]))
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    const last = sink.put(pictures[2], contextOf(pictures[2]))
    await Promise.all([kept, last])
    expect(told[0]!.cid).toBe(rootOf([pictures[1], pictures[2]]))
  })

  it('sends nothing when every put is aborted before', async () => {
    const sink = sinkOf(2)
    const controller = new AbortController()
    const aborted = sink.put(pictures[0], contextOf(pictures[0], { signal: controller.signal }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    await sink.close?.()
    expect(double.requests).toEqual([])
  })

  it('finishes the folder for the others when one put is aborted while it is sent', async () => {
    const sink = sinkOf(2)
    const controller = new AbortController()
    double.control.beforeAnswer = async () => controller.abort('enough')
    const aborted = sink.put(pictures[0], contextOf(pictures[0], { signal: controller.signal }))
    const kept = sink.put(pictures[1], contextOf(pictures[1]))
    await expect(aborted).rejects.toBe('enough')
    expect(await kept).toEqual({ uri: `ipfs://${rootOf(pictures.slice(0, 2))}/1` })
  })

  it('stops sending when nobody waits any more', async () => {
    const sink = sinkOf(2)
    const controller = new AbortController()
    double.setFault(() => 'hang')
    const both = pictures.slice(0, 2).map((media) => sink.put(media, contextOf(media, { signal: controller.signal })))
    await expect.poll(() => double.requests.length, { timeout: 10_000 }).toBe(1)
    controller.abort('enough')
    expect(await Promise.allSettled(both)).toEqual([
      { status: 'rejected', reason: 'enough' },
      { status: 'rejected', reason: 'enough' },
    ])
    await expect.poll(() => double.sockets.size, { timeout: 10_000 }).toBe(0)
  })

  it('leaves out a picture that the node refuses for good, and stores the others', async () => {
    const marked = Buffer.from(pictures[1].data).toString('latin1')
    double.setFault((_request, bodies) => (bodies.includes(marked) ? refusal(410, 'blocked and cannot be provided') : undefined))
    const sink = sinkOf(3)
    const [first, blocked, last] = await Promise.allSettled(
      pictures.slice(0, 3).map((media) => sink.put(media, contextOf(media))),
    )
    expect(blocked).toMatchObject({ status: 'rejected', reason: { retryable: false } })
    const root = rootOf([pictures[0], pictures[2]])
    expect(first).toEqual({ status: 'fulfilled', value: { uri: `ipfs://${root}/0` } })
    expect(last).toEqual({ status: 'fulfilled', value: { uri: `ipfs://${root}/1` } })
    expect(told.map(({ cid }) => cid)).toEqual([root])
  })

  it('gives up on a node that makes other folders of the same files, and says what to set', async () => {
    double.setFault(() => 'own-folders')
    const sink = sinkOf(2)
    for (const result of await Promise.allSettled(pictures.slice(0, 2).map((media) => sink.put(media, contextOf(media)))))
      expect(result).toMatchObject({ reason: { retryable: false, message: expect.stringContaining('UnixFSDirectoryMaxLinks') } })
    expect(told).toEqual([])
  })

  it('refuses a bad picture before it comes into a folder', async () => {
    const sink = sinkOf(2)
    const empty = makePicture(8, { data: new Uint8Array(0) })
    const bad = failureOf(sink.put(empty, contextOf(empty)))
    const good = Promise.all(pictures.slice(0, 2).map((media) => sink.put(media, contextOf(media))))
    expect(await bad).toMatchObject({ retryable: false })
    expect(await good).toHaveLength(2)
  })

  it.each(['wrong-cid', 'damaged', 'unpinned', 'reset', 'answer-truncated', 'answer-lost'] as const)(
    'acknowledges none of a folder under the fault "%s", and stores it the next time',
    async (fault) => {
      const sink = sinkOf(2)
      double.setFault(() => fault)
      const puts = () => pictures.slice(0, 2).map((media) => sink.put(media, contextOf(media)))
      for (const result of await Promise.allSettled(puts()))
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SNAPMINT_SINK_FAILED', retryable: true } })
      expect(told).toEqual([])
      double.setFault(undefined)
      expect(await Promise.all(puts())).toHaveLength(2)
      expect(told).toHaveLength(1)
    },
  )

  it('acknowledges none when onDirectory fails, and tells of the same folder again, also when its puts come back one by one', async () => {
    const sink = sinkOf(2, {
      onDirectory: async (directory) => {
        told.push(directory)
        if (told.length <= 2) throw new Error('no database')
      },
    })
    const put = (media: Snapshot, jobId: string) => sink.put(media, contextOf(media, { jobIds: [jobId] }))
    for (const result of await Promise.allSettled([put(pictures[0], 'a'), put(pictures[1], 'b')]))
      expect(result).toMatchObject({ reason: { retryable: true, message: expect.stringContaining('no database') } })
    expect(await failureOf(put(pictures[1], 'c'))).toMatchObject({ retryable: true })
    const root = rootOf(pictures.slice(0, 2))
    expect(await put(pictures[0], 'a')).toEqual({ uri: `ipfs://${root}/0` })
    expect(await put(pictures[1], 'b')).toEqual({ uri: `ipfs://${root}/1` })
    expect(told.map(({ cid }) => cid)).toEqual([root, root, root])
    expect(told[2]!.pictures.map(({ jobIds }) => jobIds)).toEqual([['a'], ['b', 'c']])
    expect(double.count('add')).toBe(1)
  })

  it('rejects what still waits for others when it is closed', async () => {
    const sink = sinkOf(4)
    const waiting = failureOf(sink.put(pictures[0], contextOf(pictures[0])))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await sink.close?.()
    expect(await waiting).toMatchObject({ retryable: true, message: expect.stringContaining('closed') })
  })
})
