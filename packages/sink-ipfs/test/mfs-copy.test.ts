import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ipfsSink } from '../src/ipfs-sink.js'
import { createIpfsDouble, type IpfsDouble, refusal } from './double/ipfs-double.js'
import { failureOf } from './fixtures/failure-of.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'
import { rawCid } from './fixtures/reference-cid.js'

let double: IpfsDouble

beforeEach(async () => {
  double = await createIpfsDouble()
})

afterEach(() => double.close())

const sink = () => ipfsSink({ url: double.url, mfsPath: '/live/{source}.{ext}' })
const [first, second] = [makePicture(1), makePicture(2)]
const names = () => [...double.names]

describe('mfsPath', () => {
  it('names a picture once, however often it is put', async () => {
    for (let put = 0; put < 3; put += 1) await sink().put(first, contextOf(first))
    expect(names()).toEqual([['/live/easel.jpg', rawCid(first.data)]])
    expect(double.count('files/cp')).toBe(1)
  })

  it('replaces another picture of the same name by a move, and removes nothing', async () => {
    await sink().put(first, contextOf(first))
    await sink().put(second, contextOf(second))
    expect(names()).toEqual([['/live/easel.jpg', rawCid(second.data)]])
    expect(double.count('files/mv')).toBe(1)
    expect(double.count('files/rm')).toBe(0)
  })

  it('removes the other one first where the node does not move onto files', async () => {
    double.control.movesOnto = false
    await sink().put(first, contextOf(first))
    await sink().put(second, contextOf(second))
    expect(names()).toEqual([['/live/easel.jpg', rawCid(second.data)]])
  })

  it('takes puts of the same and of other pictures at the same time, and leaves nothing else behind', async () => {
    const shared = sink()
    await Promise.all([first, first, first].map((media) => shared.put(media, contextOf(media))))
    expect(names()).toEqual([['/live/easel.jpg', rawCid(first.data)]])
    await Promise.all([second, second].map((media) => shared.put(media, contextOf(media))))
    expect(names()).toEqual([['/live/easel.jpg', rawCid(second.data)]])
  })

  it.each([true, false])(
    'stores other pictures of the same name at the same time (moving onto files: %s), and leaves nothing else',
    async (movesOnto) => {
      const media = [1, 2, 3, 4, 5].map((seed) => makePicture(seed))
      double.control.movesOnto = movesOnto
      const shared = sink()
      const results = await Promise.allSettled(media.map((picture) => shared.put(picture, contextOf(picture))))
      expect(results.map(({ status }) => status)).toEqual(media.map(() => 'fulfilled'))
      expect(names().map(([name]) => name)).toEqual(['/live/easel.jpg'])
      expect(media.map(({ data }) => rawCid(data))).toContain(names()[0]![1])
      expect(double.count('files/mv')).toBeGreaterThan(0)
    },
  )

  it('takes it for a success when another process replaces the picture at once', async () => {
    const media = [1, 2, 3, 4, 5].map((seed) => makePicture(seed))
    const results = await Promise.allSettled(media.map((picture) => sink().put(picture, contextOf(picture))))
    expect(results.map(({ status }) => status)).toEqual(media.map(() => 'fulfilled'))
  })

  it('goes on where a process was killed between copy and move', async () => {
    await sink().put(first, contextOf(first))
    double.setFault(({ command }) => (command === 'files/mv' ? 'reset' : undefined))
    expect(await failureOf(sink().put(second, contextOf(second)))).toMatchObject({ retryable: true })
    expect(double.names.get('/live/easel.jpg')).toBe(rawCid(first.data))
    double.setFault(undefined)
    await sink().put(second, contextOf(second))
    expect(names()).toEqual([['/live/easel.jpg', rawCid(second.data)]])
  })

  it('does not replace a folder', async () => {
    double.names.set('/live/easel.jpg/inside', rawCid(first.data))
    expect(await failureOf(sink().put(first, contextOf(first)))).toMatchObject({
      code: 'SNAPMINT_SINK_CONFLICT',
      retryable: false,
    })
  })

  it('acknowledges nothing while the node refuses to name it', async () => {
    double.setFault(({ command }) => (command === 'files/cp' ? refusal(500, 'no space left on device') : undefined))
    expect(await failureOf(sink().put(first, contextOf(first)))).toMatchObject({ code: 'SNAPMINT_SINK_FULL', retryable: true })
  })

  it('refuses names that a node cannot keep', async () => {
    const deep = ipfsSink({ url: double.url, mfsPath: '/live/{key}' })
    const long = contextOf(first, { key: `${'x'.repeat(256)}/1.jpg` })
    expect(await failureOf(deep.put(first, long))).toMatchObject({ code: 'SNAPMINT_SINK_KEY_INVALID', retryable: false })
    expect(double.requests).toEqual([])
  })
})
