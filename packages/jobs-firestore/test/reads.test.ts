import { expect, it } from 'vitest'
import { claim, done, openDouble, settle, turns, watch } from './fixtures/double-jobs.js'

for (const leaseField of [undefined, 'lease']) {
  it(`drains 10,000 waiting documents without reading them twice, ${leaseField === undefined ? 'single-host' : 'with a lease field'}`, async () => {
    const { double, jobs, file, advance } = openDouble({ leaseField })
    for (let number = 0; number < 10_000; number++) {
      if (number % 7 === 0) advance(300)
      file(`job-${(number * 7919) % 10_000}`)
    }
    const listening = watch(jobs)
    await turns()
    const ids = new Set<string>()
    for (let claims = await claim(jobs, 250); claims.length > 0; claims = await claim(jobs, 250)) {
      for (const { id } of claims) ids.add(id)
      await settle(jobs, claims.map(done))
    }
    await turns()
    listening.stop()
    const usage = jobs.usage()
    expect(ids.size).toBe(10_000)
    expect(usage.documentsQueried).toBeLessThanOrEqual(10_000)
    expect(usage.documentsLookedUp).toBe(0)
    // The listener's window, of 25, through which the last batch goes; with leases, once more for each change. No more for a longer queue.
    const twice = usage.documentsQueried + usage.documentsHeard - 10_000
    expect(twice).toBeLessThanOrEqual(leaseField === undefined ? 275 : 550)
    expect(usage.queries).toBeLessThanOrEqual(45)
    expect(usage.writes).toBe(leaseField === undefined ? 10_000 : 20_000)
    expect(usage.documentsQueried + usage.documentsHeard).toBe(double.billed.reads)
  })
}

it('asks at most one query a minute when nothing happens, however often it is asked for jobs', async () => {
  const { double, jobs, advance } = openDouble()
  const listening = watch(jobs)
  await turns()
  for (let second = 0; second < 3_600; second++) {
    advance(1_000)
    expect(await claim(jobs)).toEqual([])
  }
  listening.stop()
  expect(double.billed.queries).toBe(60)
  expect(double.billed.reads).toBe(0)
  expect(jobs.usage()).toMatchObject({ queries: 60, listeners: 1 })
})

it('hands out what the listener told without asking', async () => {
  const { jobs, file, advance } = openDouble()
  const listening = watch(jobs)
  await turns()
  expect(await claim(jobs)).toEqual([])
  const { queries } = jobs.usage()
  for (let number = 0; number < 40; number++) {
    advance(500)
    file(`job-${number}`)
    await turns()
    const claims = await claim(jobs)
    expect(claims.map(({ id }) => id)).toEqual([`job-${number}`])
    await settle(jobs, claims.map(done))
    expect(await claim(jobs)).toEqual([])
  }
  listening.stop()
  expect(jobs.usage()).toMatchObject({ queries, documentsHeard: 40, writes: 40 })
})

it('reads on where the listener could not tell one by one', async () => {
  const { jobs, file, advance } = openDouble()
  const listening = watch(jobs)
  await turns()
  for (let number = 0; number < 200; number++) file(`before-${number}`)
  const before = await claim(jobs, 1_000)
  await settle(jobs, before.map(done))
  await turns()
  advance(10_000)
  for (let number = 0; number < 200; number++) file(`burst-${number}`)
  await turns()
  const ids = new Set<string>()
  for (let claims = await claim(jobs); claims.length > 0; claims = await claim(jobs)) for (const { id } of claims) ids.add(id)
  listening.stop()
  expect(before).toHaveLength(200)
  expect(ids.size).toBe(200)
  // Those of the burst, and what was told already.
  expect(jobs.usage().documentsQueried).toBeLessThanOrEqual(before.length + 200)
})

it('reads nothing twice where the backlog is claimed before the listener was answered', async () => {
  const { jobs, file } = openDouble()
  for (let number = 0; number < 1_000; number++) file(`job-${number}`)
  const listening = watch(jobs)
  const claims = []
  for (let batch = 0; batch < 10; batch++) claims.push(...(await claim(jobs)))
  expect(claims).toHaveLength(1_000)
  // All of them are worked on; the last page was full, so that one more is asked for.
  for (let time = 0; time < 5; time++) {
    await settle(jobs, claims.splice(0, 100).map(done))
    expect(await claim(jobs)).toEqual([])
  }
  expect(jobs.usage()).toMatchObject({ queries: 11, documentsQueried: 1_000 })
  listening.stop()
})

for (const count of [100, 150, 250, 300, 350]) {
  it(`reads ${count} documents that others have at most once a claim when nobody listens`, async () => {
    const { open, file } = openDouble({ leaseField: 'lease' })
    for (let number = 0; number < count; number++) file(`job-${number}`)
    const other = open()
    for (let had = 0; had < count; ) had += (await claim(other)).length
    const alone = open()
    const pages = Math.floor(count / 100) + 1
    for (let time = 1; time <= 3; time++) {
      expect(await claim(alone)).toEqual([])
      expect(alone.usage().queries).toBe(time * pages)
    }
  })
}

it('asks each time when nobody listens', async () => {
  const { jobs, file } = openDouble()
  expect(await claim(jobs)).toEqual([])
  file('late')
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['late'])
})

it('finds documents that are in no index of dates, with the second sweep', async () => {
  const { double, jobs, advance, notices } = openDouble({ fields: { error: 'error' } })
  const listening = watch(jobs)
  await turns()
  double.set('jobs/undated', { mediaTimestamp: null })
  for (let minute = 0; minute < 2; minute++) {
    expect(await claim(jobs)).toEqual([])
    advance(60_000)
  }
  expect(await claim(jobs)).toEqual([])
  listening.stop()
  expect(double.read('jobs/undated')).toMatchObject({ mediaTimestamp: 0, error: { code: 'SNAPMINT_JOB_INVALID' } })
  expect(notices).toMatchObject([{ kind: 'document-invalid', documents: ['jobs/undated'] }])
})

it('sweeps every minute while jobs come all the time', async () => {
  const { jobs, file, advance } = openDouble()
  const listening = watch(jobs)
  await turns()
  for (let second = 0; second < 300; second++) {
    advance(1_000)
    file(`job-${second}`)
    await turns(3)
    const claims = await claim(jobs)
    await settle(jobs, claims.map(done))
  }
  listening.stop()
  expect(jobs.usage().queries).toBeGreaterThanOrEqual(4)
  expect(jobs.usage().queries).toBeLessThanOrEqual(6)
})
