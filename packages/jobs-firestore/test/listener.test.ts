import { SnapmintError } from '@snapmint/core/adapter'
import { afterEach, expect, it, vi } from 'vitest'
import { claim, done, openDouble, settle, turns, watch } from './fixtures/double-jobs.js'

afterEach(() => void vi.useRealTimers())

it('notices a listener that has gone deaf, says so, and ends it so that it is renewed', async () => {
  const { double, jobs, file, advance, notices } = openDouble()
  const first = watch(jobs)
  await turns()
  await claim(jobs)
  double.deafen()
  advance(1_000)
  file('untold')
  await turns()
  expect(first.wakes).toBe(0)
  advance(60_000)
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['untold'])
  await first.ended
  expect(SnapmintError.isInstance(first.error) && first.error.code).toBe('SNAPMINT_JOBS_UNAVAILABLE')
  expect(notices).toMatchObject([{ kind: 'listener-deaf', documents: ['jobs/untold'] }])
  expect(double.listeners).toBe(0)

  const second = watch(jobs)
  await turns()
  file('told')
  await turns()
  expect(second.wakes).toBeGreaterThan(0)
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['told'])
  second.stop()
  await second.ended
  expect(jobs.usage().listeners).toBe(2)
})

it('takes no listener for deaf that told everything, nor one that is a moment late', async () => {
  const { double, jobs, file, advance, notices } = openDouble({ maxAttempts: 100 })
  const listening = watch(jobs)
  await turns()
  file('waits')
  await turns()
  await claim(jobs)
  for (let minute = 0; minute < 10; minute++) {
    advance(60_000)
    await claim(jobs)
  }
  double.deafen()
  advance(59_000)
  file('just-now')
  advance(1_000)
  expect((await claim(jobs)).map(({ id }) => id)).toContain('just-now')
  expect(notices).toEqual([])
  listening.stop()
  await listening.ended
  expect(listening.error).toBeUndefined()
})

it('rejects with a classified error when the listener breaks, and asks by query meanwhile', async () => {
  const { double, jobs, file } = openDouble()
  const listening = watch(jobs)
  await turns()
  await claim(jobs)
  double.breakListeners(7, 'PERMISSION_DENIED: Missing or insufficient permissions.')
  await listening.ended
  expect(SnapmintError.isInstance(listening.error) && listening.error.code).toBe('SNAPMINT_JOBS_FORBIDDEN')
  file('unheard')
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['unheard'])
})

it('does not hand out again what is told late', async () => {
  const { double, jobs, file } = openDouble()
  const listening = watch(jobs)
  await turns()
  file('once')
  await turns()
  const claims = await claim(jobs)
  // Told again, as it was before the outcome was written, while that is on its way.
  const settling = settle(jobs, claims.map(done))
  file('other')
  await settling
  await turns()
  const ids = (await claim(jobs)).map(({ id }) => id)
  expect(ids).toEqual(['other'])
  expect(double.read('jobs/once')).toMatchObject({ mediaTimestamp: 1_795_240_000 })
  listening.stop()
})

it('wakes the watcher when a job that was held back is due', async () => {
  const { jobs } = openDouble({ clock: undefined })
  const held = openDouble()
  held.file('later')
  const clockless = held.open({ clock: undefined })
  const [first] = await claim(clockless)
  const listening = watch(clockless)
  await turns()
  const before = listening.wakes
  await settle(clockless, [
    { status: 'retry', id: 'later', token: first?.token ?? '', error: { code: 'X', message: 'x' }, retryAfterMs: 30 },
  ])
  expect(await claim(clockless)).toEqual([])
  await expect.poll(() => listening.wakes, { timeout: 10_000 }).toBeGreaterThan(before)
  expect((await claim(clockless)).map(({ id, attempt }) => [id, attempt])).toEqual([['later', 2]])
  listening.stop()
  await jobs.close?.()
})

it('ends its listener when it is closed', async () => {
  const { double, jobs } = openDouble()
  const listening = watch(jobs)
  await turns()
  expect(double.listeners).toBe(1)
  await jobs.close?.()
  await listening.ended
  expect(double.listeners).toBe(0)
  expect(listening.error).toBeUndefined()
})

it('does not listen while a backlog is drained, and is told afterwards of what came meanwhile', async () => {
  const { double, jobs, file, advance, notices } = openDouble()
  for (let number = 0; number < 300; number++) file(`job-${number}`)
  const listening = watch(jobs)
  await turns()
  const ids = new Set<string>()
  let listenedMeanwhile = 0
  for (let page = 0; page < 3; page++) {
    const claims = await claim(jobs)
    for (const { id } of claims) ids.add(id)
    listenedMeanwhile += double.listeners
    advance(10_000)
    file(`meanwhile-${page}`)
    await turns()
    await settle(jobs, claims.map(done))
  }
  expect(listenedMeanwhile).toBe(0)
  for (let claims = await claim(jobs); claims.length > 0; claims = await claim(jobs)) {
    for (const { id } of claims) ids.add(id)
    await settle(jobs, claims.map(done))
    await turns()
  }
  expect(ids.size).toBe(303)
  expect(double.listeners).toBe(1)
  const before = listening.wakes
  advance(1_000)
  file('afterwards')
  await turns()
  expect(listening.wakes).toBeGreaterThan(before)
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['afterwards'])
  expect(notices).toEqual([])
  listening.stop()
})

it('listens again a second after the last page, though the last of a backlog are not settled', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { double, jobs, file } = openDouble()
  for (let number = 0; number < 150; number++) file(`job-${number}`)
  const listening = watch(jobs)
  await turns()
  await claim(jobs)
  await claim(jobs)
  await turns()
  expect(double.listeners).toBe(0)
  vi.advanceTimersByTime(1_000)
  await turns()
  expect(double.listeners).toBe(1)
  file('new')
  await turns()
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['new'])
  listening.stop()
  await listening.ended
})

it('does not come back when its watch ended during a backlog', async () => {
  const { double, jobs, file } = openDouble()
  for (let number = 0; number < 150; number++) file(`job-${number}`)
  const listening = watch(jobs)
  await turns()
  const first = await claim(jobs)
  listening.stop()
  await listening.ended
  await settle(jobs, first.map(done))
  await settle(jobs, (await claim(jobs)).map(done))
  await turns()
  expect(double.listeners).toBe(0)
})

it('is renewed when it gets no answer after a backlog, instead of resting in silence for ever', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { double, jobs, file } = openDouble({ timeoutMs: 2_000 })
  for (let number = 0; number < 150; number++) file(`job-${number}`)
  const first = watch(jobs)
  await turns()
  const claims = [...(await claim(jobs)), ...(await claim(jobs))]
  await settle(jobs, claims.map(done))
  expect(jobs.usage().listeners).toBe(2)
  double.deafen()
  await turns()
  vi.advanceTimersByTime(1_999)
  await turns()
  expect(first.error).toBeUndefined()
  vi.advanceTimersByTime(1)
  await first.ended
  expect(first.error).toMatchObject({ code: 'SNAPMINT_JOBS_UNAVAILABLE', retryable: true })
  expect(double.listeners).toBe(0)
  const second = watch(jobs)
  await turns()
  file('new')
  await turns()
  expect(second.wakes).toBeGreaterThan(0)
  vi.advanceTimersByTime(60_000)
  await turns()
  expect(second.error).toBeUndefined()
  second.stop()
  await second.ended
})

it('begins to listen after the backlog when it is asked to during one', async () => {
  const { double, jobs, file } = openDouble()
  for (let number = 0; number < 150; number++) file(`job-${number}`)
  const first = await claim(jobs)
  const listening = watch(jobs)
  await turns()
  expect(double.listeners).toBe(0)
  await settle(jobs, [...first, ...(await claim(jobs))].map(done))
  await turns()
  expect(double.listeners).toBe(1)
  const { queries } = jobs.usage()
  file('new')
  await turns()
  expect(listening.wakes).toBeGreaterThan(0)
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['new'])
  expect(jobs.usage().queries).toBe(queries)
  listening.stop()
  await listening.ended
})
