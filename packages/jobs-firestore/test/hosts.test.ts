import { expect, it } from 'vitest'
import { claim, done, leaseMs, openDouble, retry, settle, turns, watch } from './fixtures/double-jobs.js'

const leaseField = 'lease'
const signal = new AbortController().signal

it('hands no document to two hosts that claim at the same time', async () => {
  const { file, open } = openDouble({ leaseField })
  for (let number = 0; number < 300; number++) file(`job-${number}`)
  const hosts = [open(), open(), open()]
  const owners = new Map<string, number>()
  for (let round = 0; round < 100 && owners.size < 300; round++) {
    const answers = await Promise.all(hosts.map((host) => claim(host, 20)))
    for (const [host, claims] of answers.entries()) {
      for (const { id } of claims) {
        expect(owners.has(id)).toBe(false)
        owners.set(id, host)
      }
    }
    await Promise.all(hosts.map((host, index) => settle(host, (answers[index] ?? []).map(done))))
  }
  expect(owners.size).toBe(300)
  expect(new Set(owners.values()).size).toBeGreaterThan(1)
})

it('takes over what a dead host had as soon as its leases end, woken by its own clock', async () => {
  const { file, open, advance, notices } = openDouble({ leaseField })
  for (let number = 0; number < 30; number++) file(`job-${number}`)
  const dead = open()
  const taken = await claim(dead, 10)
  const alive = open()
  const rest = await claim(alive)
  expect(taken.length + rest.length).toBe(30)
  advance(leaseMs - 100)
  expect((await claim(alive)).map(({ id }) => id).filter((id) => taken.some((each) => each.id === id))).toEqual([])
  await settle(alive, rest.map(done))
  advance(101)
  const { queries } = alive.usage()
  const again = await claim(alive)
  expect(again.map(({ id, attempt }) => [id, attempt]).sort()).toEqual(taken.map(({ id }) => [id, 2]).sort())
  expect(alive.usage().queries - queries).toBeLessThanOrEqual(1)
  // The dead one comes back, and has lost them.
  await settle(dead, taken.map(done))
  expect(notices.filter(({ kind }) => kind === 'document-changed')).toHaveLength(10)
  await settle(alive, again.map(done))
  expect(await claim(open())).toEqual([])
})

it('leaves a host its jobs as long as it renews them', async () => {
  const { file, open, advance } = openDouble({ leaseField })
  file('long')
  const worker = open()
  const [work] = await claim(worker)
  const other = open()
  for (let time = 0; time < 6; time++) {
    advance(leaseMs * 0.6)
    expect(await worker.extend?.([work?.token ?? ''], leaseMs, { signal })).toEqual([])
    expect(await claim(other)).toEqual([])
  }
})

for (const outcome of ['done', 'handed back'] as const) {
  it(`renews no lease whose job was ${outcome} meanwhile, and reports no change`, async () => {
    const { double, open, file, notices } = openDouble({ leaseField })
    file('a')
    let gate: Promise<void> | undefined
    const late = {
      ...double.client,
      batch() {
        const { update, commit } = double.client.batch()
        const mine = gate
        return { update, commit: async () => mine?.then(commit) ?? commit() }
      },
    }
    const host = open({ firestore: late })
    const [first] = await claim(host)
    if (first === undefined) throw new Error('No claim')
    let release = () => {}
    gate = new Promise((resolve) => {
      release = resolve
    })
    const renewing = host.extend?.([first.token], leaseMs, { signal })
    await turns()
    gate = undefined
    await settle(host, [outcome === 'done' ? done(first) : retry(first, { untried: true })])
    const settled = double.read('jobs/a')
    release()
    expect(await renewing).toEqual([first.token])
    expect(double.read('jobs/a')).toEqual(settled)
    expect(notices).toEqual([])
    expect(await claim(open())).toHaveLength(outcome === 'done' ? 0 : 1)
  })
}

it('tells a host that it has lost a lease', async () => {
  const { file, open, advance } = openDouble({ leaseField })
  file('late')
  const late = open()
  const [first] = await claim(late)
  advance(leaseMs + 1)
  const other = open()
  expect(await claim(other)).toHaveLength(1)
  expect(await late.extend?.([first?.token ?? ''], leaseMs, { signal })).toEqual([first?.token])
})

it('counts leases by the clock of the server, whatever the clocks of the hosts say', async () => {
  for (const skewMs of [-3_600_000, 3_600_000]) {
    const { file, open, advance, now } = openDouble({ leaseField })
    file('a')
    const ahead = open({ clock: () => now() + skewMs })
    const [first] = await claim(ahead)
    expect(first?.leaseExpiresAt).toBe(now() + skewMs + leaseMs)
    const other = open()
    advance(leaseMs - 1_000)
    expect(await claim(other)).toEqual([])
    advance(1_001)
    expect(await claim(other)).toHaveLength(1)
  }
})

it('holds a job back for all hosts when it is to wait', async () => {
  const { file, open, advance } = openDouble({ leaseField })
  file('later')
  const one = open()
  const [first] = await claim(one)
  await settle(one, first === undefined ? [] : [retry(first, { retryAfterMs: 5_000 })])
  const other = open()
  expect(await claim(other)).toEqual([])
  advance(5_001)
  expect((await claim(other)).map(({ attempt }) => attempt)).toEqual([2])
})

it('takes up at once a lease of its own whose answer was lost', async () => {
  const { double, file, jobs } = openDouble({ leaseField })
  file('a')
  double.failNext('write', 14, { message: 'UNAVAILABLE', isAnswerLost: true })
  await expect(claim(jobs)).rejects.toMatchObject({ code: 'SNAPMINT_JOBS_UNAVAILABLE', retryable: true })
  expect((await claim(jobs)).map(({ id }) => id)).toEqual(['a'])
})

it('claims no document that changed between its read and its lease, but reads it again', async () => {
  const { double, file, jobs } = openDouble({ leaseField, fields: { targetTime: 'targetTime' } })
  file('a')
  let raced = false
  double.beforeWrites(() => {
    if (raced) return
    raced = true
    double.set('jobs/a', { mediaTimestamp: null, dateCreated: 1_795_240_000, targetTime: 1_795_239_999 })
  })
  const [first] = await claim(jobs)
  expect(first?.job.targetTime).toBe(1_795_239_999_000)
  expect(jobs.usage().documentsLookedUp).toBe(1)
})

it('wakes a host that listens when another hands a job back', async () => {
  const { file, open, advance } = openDouble({ leaseField })
  file('a')
  const one = open()
  const [first] = await claim(one)
  const other = open()
  const listening = watch(other)
  await turns()
  expect(await claim(other)).toEqual([])
  const { wakes } = listening
  advance(1_000)
  await settle(one, first === undefined ? [] : [retry(first)])
  await turns()
  expect(listening.wakes).toBeGreaterThan(wakes)
  expect(await claim(other)).toHaveLength(1)
  listening.stop()
})

it('ignores what else the lease field may hold', async () => {
  const { double, jobs } = openDouble({ leaseField })
  for (const [index, lease] of ['taken', 7, { holder: 4 }, { holder: 'x', ms: 'long' }, { holder: 'x', ms: -1 }].entries())
    double.set(`jobs/odd-${index}`, { mediaTimestamp: null, dateCreated: 1_795_240_000, lease })
  expect(await claim(jobs)).toHaveLength(5)
})
