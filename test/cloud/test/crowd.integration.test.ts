import { firestoreJobs } from '@snapmint/jobs-firestore'
import { gcsSink } from '@snapmint/sink-gcs'
import { s3Sink } from '@snapmint/sink-s3'
import { afterAll, expect, it } from 'vitest'
import { createGcsDouble } from '../../../packages/sink-gcs/test/double/gcs-double.js'
import { accessKeyId, createS3Double, secretAccessKey } from '../../../packages/sink-s3/test/double/s3-double.js'
import { momentsCamera } from './fixtures/cameras.mjs'
import { openDatabase } from './fixtures/database.js'
import { fields, fileJobs, readJobs } from './fixtures/jobs.js'
import { startLocalHost } from './fixtures/local-host.js'
import { allDone, isPicture, prove } from './fixtures/proof.js'

const database = await openDatabase()
afterAll(() => database.close())

const patience = { timeout: 150_000, interval: 100 }
const momentCount = 200

/** Moments that have passed, `everyMs` apart. */
const momentsEvery = (everyMs: number, firstMs: number) =>
  Array.from({ length: momentCount }, (_, index) => firstMs + index * everyMs)

it(`makes 200 objects of 5,000 jobs over 200 moments, in each of two stores, and settles each job once (${database.name})`, async () => {
  const [gcs, s3] = [await createGcsDouble(), await createS3Double()]
  const moments = momentsEvery(100, Date.now() - 60_000)
  const dates = Array.from({ length: 5_000 }, (_, index) => moments[(index * 7) % momentCount]!)
  await fileJobs(database.client, 'crowd', dates)
  const { client: firestore } = await database.reach()
  const host = await startLocalHost({
    camera: momentsCamera(moments),
    jobs: firestoreJobs({ firestore, collection: 'crowd', unit: 'milliseconds', fields }),
    sinks: [
      gcsSink({ bucket: 'pictures', apiEndpoint: gcs.endpoint }),
      s3Sink({
        bucket: 'pictures',
        endpoint: s3.endpoint,
        region: s3.region,
        forcePathStyle: true,
        credentials: { accessKeyId, secretAccessKey },
      }),
    ],
  })
  await expect.poll(() => host.counts().settled, patience).toBe(5_000)
  await host.stop()
  expect(host.counts()).toEqual({ settled: 5_000, settledAgain: 0 })
  const jobs = await readJobs(database.client, 'crowd')
  expect(prove(jobs, gcs.objects)).toEqual(allDone(5_000, momentCount))
  expect(jobs.filter(({ mediaTimestamp, dateCreated }) => mediaTimestamp !== dateCreated)).toEqual([])
  // One put for each object, not one for each job.
  expect(gcs.counts.stored).toBe(momentCount)
  expect([...s3.objects.keys()].sort()).toEqual([...gcs.objects.keys()].sort())
  for (const [path, { data }] of s3.objects) expect(Buffer.compare(data, gcs.objects.get(path)!.data), path).toBe(0)
  await Promise.all([gcs.close(), s3.close()])
}, 240_000)

it(`gives jobs in seconds, as the original files them, the object of their second (${database.name})`, async () => {
  const gcs = await createGcsDouble()
  const firstSecond = Math.floor(Date.now() / 1000) - 600
  // A quarter past: seconds are rounded down, in names and in documents.
  const moments = momentsEvery(1000, firstSecond * 1000 + 250)
  const dates = Array.from({ length: 1_000 }, (_, index) => firstSecond + ((index * 7) % momentCount))
  await fileJobs(database.client, 'jobs', dates)
  const { client: firestore } = await database.reach()
  const template = 'frames/{contract}/{seconds}.jpg'
  const host = await startLocalHost({
    camera: momentsCamera(moments),
    jobs: firestoreJobs({ firestore }),
    sinks: [
      gcsSink({ bucket: 'pictures', apiEndpoint: gcs.endpoint, template, constants: { contract: '0x1234' }, createOnly: true }),
    ],
  })
  await expect.poll(() => host.counts().settled, patience).toBe(1_000)
  await host.stop()
  expect(host.counts()).toEqual({ settled: 1_000, settledAgain: 0 })
  const jobs = await readJobs(database.client, 'jobs')
  expect(jobs).toHaveLength(1_000)
  for (const job of jobs) expect(job).toEqual({ id: job.id, mediaTimestamp: job.dateCreated, dateCreated: job.dateCreated })
  expect(gcs.counts.stored).toBe(momentCount)
  const names = new Set(jobs.map(({ mediaTimestamp }) => `pictures/frames/0x1234/${mediaTimestamp}.jpg`))
  expect([...gcs.objects.keys()].sort()).toEqual([...names].sort())
  for (const [path, { data }] of gcs.objects) {
    const second = Number(/(\d+)\.jpg$/.exec(path)?.[1])
    expect(isPicture(data, second * 1000 + 250), path).toBe(true)
  }
  await gcs.close()
}, 240_000)
