import { SnapmintError } from '@snapmint/core/adapter'
import { expect, it, vi } from 'vitest'
import { classifyFirestoreError } from '../src/classify-firestore-error.js'
import { firestoreJobs } from '../src/index.js'
import { claim, openDouble, turns, watch } from './fixtures/double-jobs.js'

const context = { collection: 'jobs', indexes: 'mediaTimestamp ascending with dateCreated ascending' }

const cases = [
  [1, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [2, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [3, 'SNAPMINT_JOBS_MISCONFIGURED', false],
  [4, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [5, 'SNAPMINT_JOBS_MISCONFIGURED', false],
  [7, 'SNAPMINT_JOBS_FORBIDDEN', false],
  [8, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [9, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [10, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [12, 'SNAPMINT_JOBS_MISCONFIGURED', false],
  [13, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [14, 'SNAPMINT_JOBS_UNAVAILABLE', true],
  [16, 'SNAPMINT_JOBS_FORBIDDEN', false],
  ['resource-exhausted', 'SNAPMINT_JOBS_UNAVAILABLE', true],
  ['firestore/permission-denied', 'SNAPMINT_JOBS_FORBIDDEN', false],
] as const

it.each(cases)('classifies %s as %s, retryable %s', (code, expected, retryable) => {
  const error = Object.assign(new Error('the service said so'), { code })
  const classified = classifyFirestoreError(error, 'read', context)
  expect(classified).toMatchObject({ code: expected, retryable, adapter: 'firestore', cause: error })
  expect(classified.message).toContain('the service said so')
})

it('passes on how long the service wants to be left alone', () => {
  const quota = Object.assign(new Error('8 RESOURCE_EXHAUSTED: Quota exceeded.'), { code: 8 })
  expect(classifyFirestoreError(quota, 'read', context).retryAfterMs).toBe(5_000)
  const advised = Object.assign(quota, { statusDetails: [null, { retryDelay: { seconds: '12', nanos: 500_000_000 } }] })
  expect(classifyFirestoreError(advised, 'read', context).retryAfterMs).toBe(12_500)
})

it('says which credentials or project are missing', () => {
  const credentials = new Error('Could not load the default credentials. Browse to https://cloud.google.com/docs for more.')
  expect(classifyFirestoreError(credentials, 'read', context)).toMatchObject({
    code: 'SNAPMINT_JOBS_FORBIDDEN',
    retryable: false,
  })
  const project = new Error('Unable to detect a Project Id in the current environment.')
  expect(classifyFirestoreError(project, 'read', context)).toMatchObject({ code: 'SNAPMINT_JOBS_MISCONFIGURED' })
})

it('leaves links and secrets out of messages', () => {
  const error = Object.assign(new Error('14 UNAVAILABLE: https://user:secret@proxy.example/x?token=abc is down'), { code: 14 })
  const { message } = classifyFirestoreError(error, 'read', context)
  expect(message).not.toMatch(/secret|proxy\.example|token/)
})

it('names the missing index, and not the link into the console', async () => {
  const { double, open } = openDouble()
  const jobs = open({ fields: { dateCreated: 'filedAt' } })
  const failure = await claim(jobs).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'SNAPMINT_JOBS_MISCONFIGURED', retryable: false })
  expect((failure as Error).message).toContain('mediaTimestamp ascending with filedAt ascending')
  expect((failure as Error).message).not.toMatch(/https?:|console\.firebase|demo-snapmint/)
  const listening = watch(jobs)
  await turns()
  expect(listening.error).toMatchObject({ code: 'SNAPMINT_JOBS_MISCONFIGURED' })
  expect(double.listeners).toBe(0)
})

it('goes on reading where a failed scan stopped', async () => {
  const { double, jobs, file } = openDouble()
  for (let number = 0; number < 300; number++) file(`job-${String(number).padStart(3, '0')}`)
  expect(await claim(jobs, 100)).toHaveLength(100)
  double.failNext('query', 8, { message: 'RESOURCE_EXHAUSTED', times: 2 })
  for (let time = 0; time < 2; time++)
    await expect(claim(jobs, 100)).rejects.toMatchObject({
      code: 'SNAPMINT_JOBS_UNAVAILABLE',
      retryable: true,
      retryAfterMs: 5_000,
    })
  expect((await claim(jobs, 100))[0]?.id).toBe('job-100')
  expect(jobs.usage().documentsQueried).toBe(200)
})

it('gives a request up that is not answered, and asks anew', async () => {
  const { double, open, file } = openDouble()
  const jobs = open({ timeoutMs: 30 })
  file('a')
  double.setSilent(true)
  await expect(claim(jobs)).rejects.toMatchObject({ code: 'SNAPMINT_JOBS_UNAVAILABLE', retryable: true })
  double.setSilent(false)
  await expect.poll(async () => (await claim(jobs)).length, { timeout: 10_000 }).toBe(1)
})

it('rejects an aborted claim with the reason, at once', async () => {
  const { double, jobs, file } = openDouble()
  file('a')
  double.setSilent(true)
  const controller = new AbortController()
  const claiming = jobs.claim({ max: 1, leaseMs: 1_000, signal: controller.signal })
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(claiming).rejects.toBe(reason)
})

it('names the package that is missing', async () => {
  vi.doMock('firebase-admin/firestore', () => {
    throw new Error('Cannot find package')
  })
  const jobs = firestoreJobs({ projectId: 'demo-snapmint' })
  const failure = await claim(jobs).catch((error: unknown) => error)
  vi.doUnmock('firebase-admin/firestore')
  expect(SnapmintError.isInstance(failure) && failure.code).toBe('SNAPMINT_MISSING_DEPENDENCY')
  expect((failure as Error).message).toContain('npm install firebase-admin')
})
