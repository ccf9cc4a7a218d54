import { setTimeout as sleep } from 'node:timers/promises'
import { firestoreJobs } from '@snapmint/jobs-firestore'
import { gcsSink } from '@snapmint/sink-gcs'
import { s3Sink } from '@snapmint/sink-s3'
import { afterAll, describe, expect, it } from 'vitest'
import { createGcsDouble } from '../../../packages/sink-gcs/test/double/gcs-double.js'
import { accessKeyId, createS3Double, secretAccessKey } from '../../../packages/sink-s3/test/double/s3-double.js'
import { momentsCamera } from './fixtures/cameras.mjs'
import { openDatabase } from './fixtures/database.js'
import { openFaultyStore, putFaults } from './fixtures/faulty-store.js'
import { fields, fileJobs, followJobs, readJobs } from './fixtures/jobs.js'
import { startLocalHost } from './fixtures/local-host.js'
import { outageKinds } from './fixtures/outage.js'
import { allDone, prove } from './fixtures/proof.js'
import { chooseSeed, createRandom, faultsInTurn } from './fixtures/random.js'

const database = await openDatabase()
afterAll(() => database.close())

const random = createRandom(chooseSeed('faults'))
const patience = { timeout: 150_000, interval: 100 }
const put = { initialDelayMs: 5, maxDelayMs: 100, maxAttempts: 1_000 }
const outageMs = 10_000

/** A store of whose puts 30 % fail, in every way in turn; or one that is as it should be. */
async function openGcs({ ofTen, onPut }: { readonly ofTen: number; readonly onPut?: () => Promise<void> }) {
  const double = await createGcsDouble()
  const store = await openFaultyStore({ endpoint: double.endpoint, faultOf: faultsInTurn(putFaults, ofTen, random), onPut })
  return {
    double,
    store,
    sink: gcsSink({ bucket: 'pictures', apiEndpoint: store.endpoint, timeoutMs: 1_000 }),
    async close() {
      await store.close()
      await double.close()
    },
  }
}

async function openS3({ ofTen }: { readonly ofTen: number }) {
  const double = await createS3Double()
  const store = await openFaultyStore({ endpoint: double.endpoint, faultOf: faultsInTurn(putFaults, ofTen, random) })
  const { region } = double
  const credentials = { accessKeyId, secretAccessKey }
  return {
    double,
    store,
    sink: s3Sink({ bucket: 'pictures', endpoint: store.endpoint, region, forcePathStyle: true, credentials, timeoutMs: 1_000 }),
    async close() {
      await store.close()
      await double.close()
    },
  }
}

const momentsEvery = (everyMs: number, count: number) => {
  const firstMs = Date.now() - 60_000
  return Array.from({ length: count }, (_, index) => firstMs + index * everyMs)
}

describe(`jobs in Firestore, pictures in buckets (${database.name})`, () => {
  it('does every job once while 30 % of the puts of two stores fail in six ways', async () => {
    const stores = [await openGcs({ ofTen: 3 }), await openS3({ ofTen: 3 })]
    const moments = momentsEvery(100, 200)
    const dates = Array.from({ length: 600 }, (_, index) => moments[index % moments.length]!)
    await fileJobs(database.client, 'failing-store', dates)
    const followed = followJobs(database.client, 'failing-store')
    const { client: firestore } = await database.reach()
    const host = await startLocalHost({
      camera: momentsCamera(moments),
      jobs: firestoreJobs({ firestore, collection: 'failing-store', unit: 'milliseconds', fields }),
      sinks: stores.map(({ sink }) => sink),
      tuning: { put },
    })
    await expect.poll(() => followed.counts().fulfilled, patience).toBe(600)
    await host.stop()
    followed.stop()
    expect(host.counts()).toEqual({ settled: 600, settledAgain: 0 })
    expect(followed.counts()).toEqual({ fulfilled: 600, fulfilledAgain: 0 })
    const jobs = await readJobs(database.client, 'failing-store')
    expect(jobs.filter(({ mediaTimestamp, dateCreated }) => mediaTimestamp !== dateCreated)).toEqual([])
    const [gcs, s3] = stores
    expect(prove(jobs, gcs!.double.objects)).toEqual(allDone(600, 200))
    expect([...s3!.double.objects.keys()].sort()).toEqual([...gcs!.double.objects.keys()].sort())
    for (const { store, double } of stores) {
      expect(prove(jobs, double.objects)).toMatchObject({ objects: 200, differentBytes: 0 })
      const { puts, failed, faults } = store.counts()
      expect(failed).toBeGreaterThanOrEqual(3 * Math.floor(puts / 10))
      expect(failed).toBeGreaterThan(60)
      for (const fault of putFaults) expect(faults[fault], fault).toBeGreaterThan(9)
    }
    for (const store of stores) await store.close()
  }, 240_000)

  const stores = [
    ['the store is well', 0],
    ['30 % of the puts fail', 3],
  ] as const

  it.each(outageKinds.flatMap((kind) => stores.map(([store, ofTen]) => [kind, store, ofTen] as const)))(
    'does every job once while requests to Firestore are %s for ten seconds and %s',
    async (kind, _store, ofTen) => {
      const collection = `outage-${kind}-${ofTen}`
      let begun: Promise<void> | undefined
      let heldUp = 0
      const onPut = async () => {
        if (begun !== undefined) heldUp += 1
        await begun
      }
      const gcs = await openGcs({ ofTen, onPut })
      const moments = momentsEvery(100, 200)
      const followed = followJobs(database.client, collection)
      const { client: firestore, begin, end } = await database.reach()
      // Of both at once, with leases in the documents that end during the outage.
      const leases = ofTen === 0 ? {} : { leaseField: 'lease' }
      const options = { firestore, collection, unit: 'milliseconds', fields, timeoutMs: 2_000, ...leases } as const
      const tuning = { put, leaseMs: ofTen === 0 ? 30_000 : 4_000 }
      const host = await startLocalHost({
        camera: momentsCamera(moments),
        jobs: firestoreJobs(options),
        sinks: [gcs.sink],
        tuning,
      })
      /** Jobs of three for each of a few moments, 240 in all. */
      const file = (part: number) => {
        const dates = Array.from({ length: 60 }, (_, index) => moments[(part * 20 + (index % 20)) * 2]!)
        return fileJobs(database.client, collection, dates, `part-${part}`)
      }
      await file(0)
      await expect.poll(() => host.counts().settled, patience).toBe(60)
      // Pictures are on their way to the store when the outage begins, so that their jobs are settled in its midst; and more jobs come.
      let goOn = () => {}
      begun = new Promise((resolve) => {
        goOn = resolve
      })
      await file(1)
      await expect.poll(() => heldUp, patience).toBeGreaterThan(0)
      await begin(kind)
      goOn()
      const during = file(2)
      await sleep(outageMs)
      const settledBefore = host.counts().settled
      await end()
      await during
      await file(3)
      await expect.poll(() => followed.counts().fulfilled, patience).toBe(240)
      await host.stop()
      followed.stop()
      expect(settledBefore).toBe(60)
      expect(host.seen.unavailable).toBeGreaterThan(0)
      expect(followed.counts()).toEqual({ fulfilled: 240, fulfilledAgain: 0 })
      expect(host.counts().settledAgain).toBe(0)
      const jobs = await readJobs(database.client, collection)
      expect(jobs.filter(({ mediaTimestamp, dateCreated }) => mediaTimestamp !== dateCreated)).toEqual([])
      expect(prove(jobs, gcs.double.objects)).toEqual(allDone(240, 80))
      const { puts, failed } = gcs.store.counts()
      expect(failed).toBeGreaterThanOrEqual(ofTen * Math.floor(puts / 10))
      await gcs.close()
    },
    240_000,
  )
})
