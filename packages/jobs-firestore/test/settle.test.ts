import { SnapmintError } from '@snapmint/core/adapter'
import { expect, it } from 'vitest'
import { claim, done, failed, leaseMs, openDouble, receiptOf, retry, settle, turns, watch } from './fixtures/double-jobs.js'

const modes = [
  { mode: 'single-host', options: {} },
  { mode: 'with a lease field', options: { leaseField: 'lease' } },
]

for (const { mode, options } of modes) {
  it(`reports a document that was deleted meanwhile, and records the others, ${mode}`, async () => {
    const { double, jobs, file, notices } = openDouble(options)
    for (const id of ['a', 'b', 'c']) file(id)
    const claims = await claim(jobs)
    double.delete('jobs/b')
    await settle(jobs, claims.map(done))
    expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: 1_795_240_000 })
    expect(double.read('jobs/c')).toMatchObject({ mediaTimestamp: 1_795_240_000 })
    expect(double.read('jobs/b')).toBeUndefined()
    expect(notices).toMatchObject([{ kind: 'document-deleted', documents: ['jobs/b'] }])
  })

  it(`reports a document that was changed meanwhile, leaves it as it is, and hands it out anew, ${mode}`, async () => {
    const { double, jobs, file, notices } = openDouble({ ...options, fields: { targetTime: 'targetTime' } })
    file('a')
    const listening = watch(jobs)
    await turns()
    const [first] = await claim(jobs)
    double.set('jobs/a', { ...double.read('jobs/a'), targetTime: 1_795_239_000 })
    await settle(jobs, first === undefined ? [] : [done(first)])
    expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: null, targetTime: 1_795_239_000 })
    expect(notices).toMatchObject([{ kind: 'document-changed', documents: ['jobs/a'] }])
    const [second] = await claim(jobs)
    expect(second?.job.targetTime).toBe(1_795_239_000_000)
    await settle(jobs, second === undefined ? [] : [done(second)])
    expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: 1_795_239_000 })
    listening.stop()
  })

  it(`does not overwrite what somebody else has delivered, ${mode}`, async () => {
    const { double, jobs, file, notices } = openDouble(options)
    file('a')
    const claims = await claim(jobs)
    double.set('jobs/a', { ...double.read('jobs/a'), mediaTimestamp: 7 })
    await settle(jobs, claims.map(done))
    expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: 7 })
    expect(notices).toMatchObject([{ kind: 'document-changed' }])
    expect(await claim(jobs)).toEqual([])
  })

  it(`understands that an outcome was recorded whose answer was lost, ${mode}`, async () => {
    const { double, jobs, file, notices } = openDouble(options)
    file('a')
    const outcomes = (await claim(jobs)).map(done)
    double.failNext('write', 14, { message: 'UNAVAILABLE: Connection dropped', isAnswerLost: true })
    await expect(settle(jobs, outcomes)).rejects.toMatchObject({ code: 'SNAPMINT_JOBS_UNAVAILABLE', retryable: true })
    await settle(jobs, outcomes)
    expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: 1_795_240_000 })
    expect(notices).toEqual([])
    expect(await claim(jobs)).toEqual([])
  })

  it(`reads once, and writes on together, where some documents of a batch were changed, ${mode}`, async () => {
    const { double, jobs, file, notices } = openDouble(options)
    for (let number = 0; number < 200; number++) file(`job-${number}`)
    const claims = await claim(jobs, 200)
    for (const number of [3, 77, 199]) double.set(`jobs/job-${number}`, { mediaTimestamp: 7, dateCreated: 7 })
    const reads = jobs.usage().documentsLookedUp
    await settle(jobs, claims.map(done))
    const times = Array.from({ length: 200 }, (_, number) => double.read(`jobs/job-${number}`)?.mediaTimestamp)
    expect(times.filter((time) => time === 7)).toHaveLength(3)
    expect(times.filter((time) => time === 1_795_240_000)).toHaveLength(197)
    expect(jobs.usage().documentsLookedUp - reads).toBe(200)
    expect(notices.map(({ documents }) => documents[0]).sort()).toEqual(['jobs/job-199', 'jobs/job-3', 'jobs/job-77'])
  })

  it(`records the rest of a batch when one document fails, and that one when it is asked again, ${mode}`, async () => {
    const { double, jobs, file } = openDouble(options)
    for (let number = 0; number < 50; number++) file(`job-${number}`)
    const outcomes = (await claim(jobs)).map(done)
    double.failNext('write', 13, { message: 'INTERNAL', times: 2 })
    await expect(settle(jobs, outcomes)).rejects.toSatisfy(SnapmintError.isInstance)
    const waiting = () =>
      Array.from({ length: 50 }, (_, n) => double.read(`jobs/job-${n}`)).filter((data) => data?.mediaTimestamp === null).length
    expect(waiting()).toBe(1)
    await settle(jobs, outcomes)
    expect(waiting()).toBe(0)
  })
}

it('keeps the outcome of a job whose document changed by a renewal of its own lease', async () => {
  const { double, jobs, file, advance, notices } = openDouble({ leaseField: 'lease' })
  file('a')
  const [first] = await claim(jobs)
  if (first === undefined) throw new Error('No claim')
  advance(15_000)
  const signal = new AbortController().signal
  double.failNext('write', 14, { message: 'UNAVAILABLE', isAnswerLost: true })
  await expect(jobs.extend?.([first.token], leaseMs, { signal })).rejects.toMatchObject({ retryable: true })
  await settle(jobs, [done(first)])
  expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: 1_795_240_000, lease: null })
  expect(notices).toEqual([])
})

it('records failures with their error, and tries with their number', async () => {
  const { double, jobs, file } = openDouble({
    fields: { error: 'error', attempts: 'attempts', mediaUrl: 'url', offsetMs: 'off' },
  })
  file('a')
  const [first] = await claim(jobs)
  await settle(jobs, first === undefined ? [] : [retry(first)])
  const error = { code: 'SNAPMINT_SINK_FAILED', message: 'The store refused it' }
  expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: null, attempts: 1, error })
  const [second] = await claim(jobs)
  expect(second?.attempt).toBe(2)
  await settle(jobs, second === undefined ? [] : [retry(second, { untried: true })])
  expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: null, attempts: 1 })
  const [third] = await claim(jobs)
  expect(third?.attempt).toBe(2)
  await settle(jobs, third === undefined ? [] : [done(third)])
  expect(double.read('jobs/a')).toEqual({
    ...{ mediaTimestamp: 1_795_240_000, dateCreated: 1_795_240_000 },
    ...{ error: null, attempts: 2, url: 'gs://frames/1.jpg', off: 12.25 },
  })
  file('b')
  await settle(jobs, (await claim(jobs)).map(failed))
  expect(double.read('jobs/b')).toMatchObject({ mediaTimestamp: 0, attempts: 1, error })
})

it('writes nothing but mediaTimestamp by default', async () => {
  const { double, jobs, file } = openDouble()
  for (const id of ['a', 'b', 'c']) file(id, { site: 'here' })
  const [a, b, c] = await claim(jobs)
  if (a === undefined || b === undefined || c === undefined) throw new Error('No claims')
  await settle(jobs, [done(a), failed(b), retry(c)])
  expect(double.read('jobs/a')).toEqual({ mediaTimestamp: 1_795_240_000, dateCreated: 1_795_240_000, site: 'here' })
  expect(double.read('jobs/b')).toEqual({ mediaTimestamp: 0, dateCreated: 1_795_240_000, site: 'here' })
  expect(double.read('jobs/c')).toEqual({ mediaTimestamp: null, dateCreated: 1_795_240_000, site: 'here' })
})

it('gives a job up after its last attempt, with the last error', async () => {
  const { double, jobs, file } = openDouble({ maxAttempts: 2, fields: { error: 'error' } })
  file('a')
  for (let attempt = 0; attempt < 2; attempt++)
    await settle(
      jobs,
      (await claim(jobs)).map((each) => retry(each)),
    )
  expect(await claim(jobs)).toEqual([])
  const { error, mediaTimestamp } = double.read('jobs/a') ?? {}
  expect(mediaTimestamp).toBe(0)
  expect(error).toMatchObject({
    code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED',
    message: expect.stringContaining('The store refused it'),
  })
})

it('gives a job up that ends its host again and again', async () => {
  const { double, file, open, advance } = openDouble({ maxAttempts: 3, leaseField: 'lease', fields: { error: 'error' } })
  file('deadly')
  for (const attempt of [1, 2, 3]) {
    expect((await claim(open())).map((each) => each.attempt)).toEqual([attempt])
    advance(leaseMs + 1)
  }
  expect(await claim(open())).toEqual([])
  expect(double.read('jobs/deadly')).toMatchObject({ mediaTimestamp: 0, error: { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED' } })
})

it('closes a job that ran out of attempts later, when the first time it could not', async () => {
  const { double, jobs, file, advance, notices } = openDouble({ maxAttempts: 1, fields: { error: 'error' } })
  const listening = watch(jobs)
  await turns()
  file('a')
  await turns()
  expect(await claim(jobs)).toHaveLength(1)
  advance(leaseMs + 1)
  double.failNext('write', 14, { message: 'UNAVAILABLE' })
  expect(await claim(jobs)).toEqual([])
  expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: null })
  expect(notices).toMatchObject([{ kind: 'document-unwritable' }])
  advance(60_001)
  expect(await claim(jobs)).toEqual([])
  expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: 0, error: { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED' } })
  // Filed again under the same name, it is a job like any other.
  advance(1_000)
  file('a')
  await turns()
  expect((await claim(jobs)).map(({ attempt }) => attempt)).toEqual([1])
  listening.stop()
})

it('closes what is no job, says why, and hands out the others', async () => {
  const { double, jobs, file, notices } = openDouble({ fields: { error: 'error', targetTime: 'targetTime' } })
  double.set('jobs/text', { mediaTimestamp: null, dateCreated: 'yesterday' })
  double.set('jobs/milliseconds', { mediaTimestamp: null, dateCreated: 1_795_240_000_123 })
  double.set('jobs/target', { mediaTimestamp: null, dateCreated: 1_795_240_000, targetTime: { when: 'soon' } })
  file('good')
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['good'])
  const errorOf = (id: string) => JSON.stringify(double.read(`jobs/${id}`)?.error)
  expect(errorOf('text')).toContain('`dateCreated`')
  expect(errorOf('text')).toContain('yesterday')
  expect(errorOf('milliseconds')).toContain('looks like milliseconds')
  expect(errorOf('target')).toContain('`targetTime`')
  expect(notices.map(({ kind }) => kind)).toEqual(Array(3).fill('document-invalid'))
})

it('is not held up by a document that it may not close', async () => {
  const { double, jobs, file, notices } = openDouble()
  double.set('jobs/text', { mediaTimestamp: null, dateCreated: 'yesterday' })
  file('good')
  double.failNext('write', 7, { message: 'PERMISSION_DENIED' })
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['good'])
  expect(notices).toMatchObject([{ kind: 'document-unwritable', documents: ['jobs/text'] }])
})

it('survives a listener of notices that throws', async () => {
  const held = openDouble()
  held.double.set('jobs/text', { mediaTimestamp: null, dateCreated: 'yesterday' })
  held.file('good')
  const jobs = held.open({
    onNotice() {
      throw new Error('not my day')
    },
  })
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['good'])
})

it('writes times in the unit of the collection, rounded down as the keys of pictures are', async () => {
  const captureTime = 1_795_240_001_999 + 0.9999
  for (const [unit, created, written] of [
    ['seconds', 1_795_240_001, 1_795_240_002],
    ['milliseconds', 1_795_240_001_500, 1_795_240_002_000],
    ['timestamp', new Date(1_795_240_001_500), new Date(1_795_240_002_000)],
  ] as const) {
    const { double, jobs } = openDouble({ unit })
    const dateCreated = created instanceof Date ? { seconds: 1_795_240_001, nanoseconds: 500_000_000 } : created
    double.set('jobs/a', { mediaTimestamp: null, dateCreated })
    const [{ id, token, job } = { id: '', token: '', job: undefined }] = await claim(jobs)
    expect(job?.targetTime).toBe(unit === 'seconds' ? 1_795_240_001_000 : 1_795_240_001_500)
    await settle(jobs, [{ status: 'done', id, token, receipt: receiptOf(job?.targetTime ?? 0, captureTime) }])
    expect(double.read('jobs/a')).toMatchObject({ mediaTimestamp: written })
  }
})
