import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { createGcsDouble } from '../../../packages/sink-gcs/test/double/gcs-double.js'
import { openDatabase } from './fixtures/database.js'
import { openFaultyStore, type Put } from './fixtures/faulty-store.js'
import { type HostProcess, startHostProcess } from './fixtures/host-process.js'
import { countWaiting, fields, fileJobs, followJobs, readJobs } from './fixtures/jobs.js'
import { allDone, prove } from './fixtures/proof.js'

const database = await openDatabase()
afterAll(() => database.close())

const { client } = database
const collection = 'shared'
const leaseMs = 5_000
const sweepMs = 2_000
const patience = { timeout: 120_000, interval: 100 }
const names = ['first', 'second'] as const
type Name = (typeof names)[number]

/** Which host puts: each has a folder of its own. */
const hostOf = ({ url }: Put): Name =>
  new URL(url, 'http://store').searchParams.get('name')?.startsWith('first/') ? 'first' : 'second'

/** The jobs that a host has under lease, and when the server counts each lease as over, in epoch ms. */
async function readLeases(): Promise<Map<string, { readonly holder: string; readonly endsAt: number }>> {
  const { docs } = await client.collection(collection).where('mediaTimestamp', '==', null).get()
  const leased = docs.filter((document) => (document.get('lease.token') ?? null) !== null)
  return new Map(
    leased.map((document) => {
      const endsAt = document.updateTime.toMillis() + (document.get('lease.ms') as number)
      return [document.id, { holder: String(document.get('lease.holder')), endsAt }]
    }),
  )
}

/** When the server took the outcome of each job, in epoch ms. */
async function readOutcomeTimes(): Promise<Map<string, number>> {
  const { docs } = await client.collection(collection).get()
  return new Map(docs.map((document) => [document.id, document.updateTime.toMillis()]))
}

async function proveTwoHosts(): Promise<void> {
  const double = await createGcsDouble()
  /** Which jobs each host has delivered: what the store was told with every picture, and what the host says of jobs that came after it. */
  const delivered: Record<Name, Set<string>> = { first: new Set(), second: new Set() }
  let isHeldUp = false
  let heldUp = 0
  const store = await openFaultyStore({
    endpoint: double.endpoint,
    // The first host can be held up in the middle of its work: its puts arrive and nothing becomes of them.
    async onPut(put) {
      // Slow enough that one host alone has not room for all.
      await sleep(40)
      if (!isHeldUp || hostOf(put) !== 'first') return
      heldUp += 1
      await new Promise(() => {})
    },
    onStored(put) {
      const name = new URL(put.url, 'http://store').searchParams.get('name')
      const ids = double.objects.get(`pictures/${name}`)?.metadata.metadata?.jobIds?.split(',') ?? []
      for (const id of ids) delivered[hostOf(put)].add(id)
    },
  })
  const followed = followJobs(client, collection)
  const [first, second] = names.map((prefix) => {
    const options = {
      jobs: { collection, unit: 'milliseconds', fields, leaseField: 'lease', sweepMs },
      sink: { apiEndpoint: store.endpoint, prefix },
      everyMs: 20,
      // Small batches, so that both get some.
      tuning: { leaseMs, claimMax: 10, maxInFlight: 20 },
    } as const
    return startHostProcess(database, options, (id) => delivered[prefix].add(id))
  }) as [HostProcess, HostProcess]
  await Promise.all([first.started, second.started])

  // Both at work.
  let filed = 0
  const file = async (batches: number) => {
    for (let batch = 0; batch < batches; batch++) {
      const dates = Array.from({ length: 50 }, (_, index) => Date.now() - index * 20)
      await fileJobs(client, collection, dates, `batch-${filed}`)
      filed += dates.length
      await sleep(200)
    }
  }
  await file(6)
  await expect.poll(() => followed.counts().fulfilled, patience).toBe(300)
  const both = () => [...delivered.first].filter((id) => delivered.second.has(id))
  expect(both()).toEqual([])
  await expect.poll(() => delivered.first.size + delivered.second.size, patience).toBe(300)
  expect(Math.min(delivered.first.size, delivered.second.size)).toBeGreaterThan(0)
  const shares = { first: delivered.first.size, second: delivered.second.size }

  // The first one holds jobs, and renews their leases, for longer than a lease lasts: the second one does all others, and none of these.
  isHeldUp = true
  while (heldUp === 0) await file(1)
  await file(2)
  await expect.poll(async () => (await readLeases()).size === (await countWaiting(client, collection)), patience).toBe(true)
  const held = await readLeases()
  expect(held.size).toBeGreaterThan(0)
  expect(new Set([...held.values()].map(({ holder }) => holder)).size).toBe(1)
  await sleep(leaseMs * 1.5)
  expect([...(await readLeases()).keys()].sort()).toEqual([...held.keys()].sort())
  expect([...held.keys()].filter((id) => delivered.second.has(id))).toEqual([])

  first.kill()
  expect(await first.ended).toBe('SIGKILL')
  const left = await readLeases()
  expect([...left.keys()].sort()).toEqual([...held.keys()].sort())
  await file(2)
  await expect.poll(() => followed.counts().fulfilled, patience).toBe(filed)
  expect(await second.stop(), second.complaints()).toBe('0')
  followed.stop()

  const outcomeTimes = await readOutcomeTimes()
  const waits = [...left].map(([id, { endsAt }]) => outcomeTimes.get(id)! - endsAt)
  console.log(
    `two hosts: shares ${JSON.stringify(shares)}; ${left.size} jobs taken over ${Math.min(...waits)} to ${Math.max(...waits)} ms after their leases`,
  )
  // By the server's clock alone: never before a lease is over, and no later than a sweep after it (and what a busy machine adds).
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...waits)).toBeLessThan(sweepMs + 20_000)
  expect([...left.keys()].filter((id) => !delivered.second.has(id))).toEqual([])
  expect(both()).toEqual([])
  expect(delivered.first.size + delivered.second.size).toBe(filed)
  expect(followed.counts()).toEqual({ fulfilled: filed, fulfilledAgain: 0 })
  expect(prove(await readJobs(client, collection), double.objects)).toEqual(allDone(filed, double.objects.size))
  await store.close()
  await double.close()
}

it(
  `lets one of two hosts deliver each job, and the other one take over within the lease when it is killed (${database.name})`,
  proveTwoHosts,
  300_000,
)
