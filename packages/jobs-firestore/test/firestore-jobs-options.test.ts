import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type FirestoreJobsOptions, firestoreJobs, firestoreJobsIndexes } from '../src/index.js'
import { claim, openDouble, turns, watch } from './fixtures/double-jobs.js'

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['an unknown option', { colection: 'jobs' }, /Unknown option `colection`/],
  ['an unknown field', { fields: { created: 'x' } }, /Unknown option `created`/],
  ['an empty collection', { collection: '' }, /`collection`/],
  ['a path to a document', { collection: 'sites/here' }, /collection's path/],
  ['a unit of its own', { unit: 'minutes' }, /`unit`/],
  ['a field twice', { fields: { error: 'mediaTimestamp' } }, /different fields/],
  ['a lease within another field', { leaseField: 'error.lease', fields: { error: 'error' } }, /different fields/],
  ['a field that Firestore reserves', { leaseField: '__lease__' }, /`leaseField`/],
  ['a field with an empty part', { fields: { mediaUrl: 'a..b' } }, /`fields.mediaUrl`/],
  ['sweeps without a pause', { sweepMs: 0 }, /`sweepMs`/],
  ['half an attempt', { maxAttempts: 0.5 }, /`maxAttempts`/],
  ['too large a window', { listenerLimit: 5_000 }, /`listenerLimit`/],
  ['no time', { timeoutMs: 0 }, /`timeoutMs`/],
  ['a mapping that is none', { mapping: 'job' }, /`mapping`/],
  ['a client that is none', { firestore: {} }, /collection\(\)/],
  ['a client and a project', { firestore: openDouble().double.client, projectId: 'x' }, /beside `firestore`/],
  ['an app and a project', { app: {}, projectId: 'x' }, /beside `app`/],
  ['null as the value of failures', { failedValue: null }, /`failedValue`/],
]

it.each(wrong)('refuses %s at construction', (_name, options, message) => {
  expect(() => firestoreJobs(options as FirestoreJobsOptions & { mapping?: undefined })).toThrow(message)
})

it('ships the indexes of every query that the default options ask', async () => {
  const { double, jobs, file, advance, open } = openDouble({ leaseField: 'lease' })
  const listening = watch(jobs)
  await turns()
  // Pages, bursts, sweeps by date and by name, conflicts, leases of others.
  for (let minute = 0; minute < 4; minute++) {
    for (let number = 0; number < 150; number++) file(`job-${minute}-${number}`)
    await turns()
    await claim(jobs, 40)
    await claim(open(), 200)
    await claim(jobs, 200)
    advance(60_000)
  }
  listening.stop()
  const shipped = JSON.parse(readFileSync(new URL('../static/firestore.indexes.json', import.meta.url), 'utf8'))
  expect(shipped.indexes).toEqual(firestoreJobsIndexes())
  expect([...double.shapes.keys()].sort()).toEqual([
    'jobs where mediaTimestamp == null by dateCreated asc',
    'jobs where mediaTimestamp == null by dateCreated desc',
    'jobs where mediaTimestamp == null by name',
  ])
})

it('names the indexes of other fields and collections', () => {
  const [first] = firestoreJobsIndexes({
    collection: 'sites/here/orders',
    fields: { mediaTimestamp: 'shot.at', dateCreated: 'filed' },
  })
  expect(first).toEqual({
    collectionGroup: 'orders',
    queryScope: 'COLLECTION',
    fields: [
      { fieldPath: 'shot.at', order: 'ASCENDING' },
      { fieldPath: 'filed', order: 'ASCENDING' },
    ],
  })
})

it('reads and writes fields of other names, within maps too', async () => {
  const { double, jobs } = openDouble({ fields: { mediaTimestamp: 'shot.at', dateCreated: 'filed', mediaUrl: 'shot.url' } })
  double.set('jobs/a', { shot: { at: null }, filed: 1_795_240_000 })
  const [{ id, token } = { id: '', token: '' }] = await claim(jobs)
  const error = { code: 'SNAPMINT_SINK_FAILED', message: 'no' }
  await jobs.settle([{ status: 'failed', id, token, error }], { signal: new AbortController().signal })
  expect(double.read('jobs/a')).toEqual({ shot: { at: 0 }, filed: 1_795_240_000 })
})

it('hands out what the mapping makes, and closes what it refuses', async () => {
  const { double, file } = openDouble()
  file('good', { camera: 'easel' })
  file('bad')
  const jobs = firestoreJobs({
    firestore: double.client,
    fields: { error: 'error' },
    mapping({ data, targetTime }) {
      if (typeof data.camera !== 'string') throw new Error('`camera` is missing')
      return { targetTime, source: data.camera }
    },
  })
  const claims = await jobs.claim({ max: 5, leaseMs: 1_000, signal: new AbortController().signal })
  const source: string | undefined = claims[0]?.job.source
  expect(claims).toHaveLength(1)
  expect(source).toBe('easel')
  expect(double.read('jobs/bad')).toMatchObject({ error: { message: expect.stringContaining('`camera` is missing') } })
})

it('opens nothing before the first call, and closes twice', async () => {
  const jobs = firestoreJobs()
  expect(jobs.usage()).toMatchObject({ queries: 0, listeners: 0 })
  await jobs.close?.()
  await jobs.close?.()
})
