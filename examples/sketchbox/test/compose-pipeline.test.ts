import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGcsDouble } from '../../../packages/sink-gcs/test/double/gcs-double.js'
import { composePipeline } from '../src/compose-pipeline.js'
import { readConfig } from '../src/config/config.js'
import { openInMemory } from '../src/emulators/firestore-service.js'
import { givenFrames, jpegOf } from './fixtures/given-frames.js'
import { type OriginalFrame, serveAsOriginal } from './fixtures/original.js'

const contract = '0x52908400098527886E0F7030069857D2E4169EE7'

async function setUp(frames: readonly OriginalFrame[], env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'snapmint-sketchbox-'))
  const storage = await createGcsDouble()
  storage.buckets.add('my-project.appspot.com')
  const { database, close } = await openInMemory()
  const settings = { CONTRACT_ADDRESS: contract, STORAGE_URL: 'gs://my-project.appspot.com', CHECKPOINT_FREQUENCY: '0', ...env }
  const { config } = readConfig(settings, folder)
  const open = (pictures = frames) =>
    composePipeline(config, { source: givenFrames(pictures), firestore: database, storageEndpoint: storage.endpoint })
  const pipeline = open()
  onTestFinished(async () => {
    await pipeline.stop({ drainTimeoutMs: 0 })
    await Promise.all([close(), storage.close()])
    rmSync(folder, { recursive: true })
  })
  const jobs = database.collection(config.collection)
  return {
    pipeline,
    /** Another start of the program, after which the camera gives other pictures. */
    open,
    storage,
    jobs,
    names: () => [...storage.objects.keys()].map((name) => name.replace('my-project.appspot.com/', '')).sort(),
    async documents() {
      const { docs } = await jobs.orderBy('__name__').get()
      return docs.map((document) => document.data())
    },
    /** Resolves when no job waits. */
    async served() {
      await expect.poll(async () => (await jobs.where('mediaTimestamp', '==', null).get()).size, { timeout: 20_000 }).toBe(0)
    },
  }
}

/** Pictures at uneven distances, up to the present, with a gap; at half past, on the second, just before and after it. */
function someFrames(): OriginalFrame[] {
  const second = Math.floor(Date.now() / 1000) * 1000
  const offsets = [-20_500, -19_600, -18_000, -17_001, -15_999, -12_300, -8_500, -7_480, -6_400, -5_001, -4_000, -3_120, -2_030]
  return offsets.map((offset, index) => ({ captureTime: second + offset, data: jpegOf(index) }))
}

describe('composePipeline', () => {
  it('makes of the same documents the same objects and the same documents as the original', async () => {
    const frames = someFrames()
    const last = Math.floor(frames.at(-1)!.captureTime / 1000)
    // Each second from before the first picture to the last one, and two viewers of the same moment.
    const given = [...Array.from({ length: 25 }, (_, back) => last - back), last - 3].map((dateCreated) => ({
      mediaTimestamp: null,
      dateCreated,
    }))
    const { pipeline, storage, jobs, documents, names, served } = await setUp(frames)
    await pipeline.start()
    await Promise.all(given.map((job, index) => jobs.doc(`job-${String(index).padStart(2, '0')}`).set(job)))
    await served()
    const original = serveAsOriginal(given, frames, contract)
    expect(await documents()).toEqual(original.documents)
    expect(names()).toEqual([...original.objects.keys()].sort())
    // Where two pictures of one second were asked for, the original kept whichever came last.
    const named = (name: string) => frames.filter(({ captureTime }) => name.endsWith(`/${Math.floor(captureTime / 1000)}.jpg`))
    for (const name of names()) {
      const stored = new Uint8Array(storage.objects.get(`my-project.appspot.com/${name}`)!.data)
      expect(named(name).map(({ data }) => data)).toContainEqual(stored)
      if (named(name).length === 1) expect(stored).toEqual(original.objects.get(name))
      expect(storage.objects.get(`my-project.appspot.com/${name}`)!.metadata.contentType).toBe('image/jpeg')
    }
  })

  it('serves documents that waited before it started', async () => {
    const frames = someFrames()
    const dateCreated = Math.floor(frames[4]!.captureTime / 1000)
    const { pipeline, jobs, documents, names, served } = await setUp(frames)
    await jobs.doc('early').set({ mediaTimestamp: null, dateCreated })
    await jobs.doc('served').set({ mediaTimestamp: 1_700_000_000, dateCreated: 1_700_000_000 })
    await pipeline.start()
    await served()
    expect(await documents()).toEqual([
      ...serveAsOriginal([{ mediaTimestamp: null, dateCreated }], frames, contract).documents,
      { mediaTimestamp: 1_700_000_000, dateCreated: 1_700_000_000 },
    ])
    expect(names()).toHaveLength(1)
  })

  it('puts one picture under one name with FRAME_MATCH=after: that of the second asked for', async () => {
    const second = Math.floor(Date.now() / 1000) - 10
    const frames = Array.from({ length: 40 }, (_, index) => ({ captureTime: second * 1000 + index * 240, data: jpegOf(index) }))
    const given = [0, 1, 2, 3, 4, 5].map((offset) => ({ mediaTimestamp: null, dateCreated: second + offset }))
    const { pipeline, storage, jobs, documents, served } = await setUp(frames, {
      FRAME_MATCH: 'after',
      CAPTURE_FREQUENCY: '0.24',
    })
    await pipeline.start()
    await Promise.all(given.map((job, index) => jobs.doc(`job-${index}`).set(job)))
    await served()
    expect(await documents()).toEqual(given.map(({ dateCreated }) => ({ mediaTimestamp: dateCreated, dateCreated })))
    for (const { dateCreated } of given) {
      const first = frames.find(({ captureTime }) => captureTime >= dateCreated * 1000)!
      const { data } = storage.objects.get(`my-project.appspot.com/frames/${contract}/${dateCreated}.jpg`)!
      expect(new Uint8Array(data)).toEqual(first.data)
    }
    expect(storage.counts.stored).toBe(given.length)
  })

  it('uploads a picture once, however many ask for it', async () => {
    const frames = someFrames()
    const dateCreated = Math.floor(frames[4]!.captureTime / 1000) + 1
    const { pipeline, storage, jobs, documents, served } = await setUp(frames)
    const ids = Array.from({ length: 200 }, (_, index) => `job-${index}`)
    await Promise.all(ids.map((id) => jobs.doc(id).set({ mediaTimestamp: null, dateCreated })))
    await pipeline.start()
    await served()
    const [document] = serveAsOriginal([{ mediaTimestamp: null, dateCreated }], frames, contract).documents
    expect(await documents()).toEqual(ids.map(() => document))
    expect(storage.objects.size).toBe(1)
    expect(storage.counts.stored).toBe(1)
  })

  it('keeps jobs waiting while the bucket is not there, and serves them when it is', async () => {
    const frames = someFrames()
    const { pipeline, open, storage, jobs, documents, served } = await setUp(frames)
    storage.buckets.delete('my-project.appspot.com')
    const told: string[] = []
    pipeline.on('put:retrying', ({ error, delayMs }) => told.push(`${error.retryable} ${delayMs >= 15_000} ${error.message}`))
    await pipeline.start()
    const dateCreated = Math.floor(frames[2]!.captureTime / 1000)
    await jobs.doc('job').set({ mediaTimestamp: null, dateCreated })
    await expect.poll(() => told.length, { timeout: 20_000 }).toBe(1)
    expect(told[0]).toContain('true true Could not store frames/')
    expect(told[0]).toContain('there is no such bucket')
    await pipeline.stop({ drainTimeoutMs: 0 })
    expect(await documents()).toEqual([{ mediaTimestamp: null, dateCreated }])

    storage.buckets.add('my-project.appspot.com')
    // Whose memory has nothing of that moment any more: the picture was kept on the disk.
    const again = open([{ captureTime: Date.now() - 1_000, data: jpegOf(99) }])
    onTestFinished(() => again.stop({ drainTimeoutMs: 0 }))
    await again.start()
    await served()
    expect(await documents()).toEqual([{ mediaTimestamp: dateCreated, dateCreated }])
    const { data } = storage.objects.get(`my-project.appspot.com/frames/${contract}/${dateCreated}.jpg`)!
    expect(new Uint8Array(data)).toEqual(frames[2]!.data)
  })

  it('closes a document that is no job, and says why', async () => {
    const { pipeline, jobs, documents, served } = await setUp(someFrames())
    await jobs.doc('job').set({ mediaTimestamp: null, dateCreated: 'yesterday' })
    await pipeline.start()
    await served()
    expect(await documents()).toEqual([
      {
        mediaTimestamp: 0,
        dateCreated: 'yesterday',
        error: { code: 'SNAPMINT_JOB_INVALID', message: expect.stringContaining('yesterday') },
      },
    ])
  })
})
