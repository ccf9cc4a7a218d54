import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { createGcsDouble } from '../../../packages/sink-gcs/test/double/gcs-double.js'
import { type Client, openDatabase } from './fixtures/database.js'
import { openFaultyStore } from './fixtures/faulty-store.js'
import { startHostProcess } from './fixtures/host-process.js'
import { countWaiting, fields, fileJobs, followJobs, readJobs } from './fixtures/jobs.js'
import { allDone, pathOf, prove } from './fixtures/proof.js'
import { chooseSeed, createRandom } from './fixtures/random.js'

const database = await openDatabase()
afterAll(() => database.close())

const random = createRandom(chooseSeed('kills'))
const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
const collection = 'killed'
const killCount = 50

/** When a host is killed. */
const moments = [
  /** Whenever: while it starts, claims, puts, settles or has nothing to do. */
  'anywhen',
  /** A put has arrived, and nothing is stored. */
  'before-put',
  /** A picture is stored, and nobody knows. */
  'stored',
  /** The host has been told that it is stored, and settles the jobs. */
  'told',
] as const

type Moment = (typeof moments)[number]

/** Files a few jobs every now and then, of moments that have passed and of some that are about to come. */
function keepFiling(client: Client) {
  let filed = 0
  let ended = false
  const file = async () => {
    while (!ended) {
      const dates = Array.from({ length: between(1, 3) }, () => Date.now() + between(-400, 150))
      await fileJobs(client, collection, dates, `batch-${filed}`)
      filed += dates.length
      await sleep(between(20, 120))
    }
  }
  const filing = file()
  return {
    async stop() {
      ended = true
      await filing
      return filed
    },
  }
}

/** Kills a host at a moment of its work: one of two as soon as it works, the other after it has settled some jobs. */
function createExecutioner() {
  let plan: { readonly moment: Moment; settlesFirst: number; count: number; readonly kill: () => void } | undefined
  const due = (moment: Moment) => {
    if (plan?.moment !== moment || plan.settlesFirst > 0) return undefined
    plan.count -= 1
    if (plan.count > 0) return undefined
    const { kill } = plan
    plan = undefined
    return kill
  }
  return {
    plan(moment: Moment, kill: () => void) {
      if (moment === 'anywhen') setTimeout(kill, between(0, 900))
      else plan = { moment, settlesFirst: random() < 0.5 ? 0 : between(1, 12), count: between(1, 4), kill }
    },
    onSettled() {
      if (plan !== undefined) plan.settlesFirst -= 1
    },
    onPut: () => due('before-put')?.(),
    onStored() {
      due('stored')?.()
      const kill = due('told')
      if (kill === undefined) return
      const delayMs = between(0, 12)
      // After the answer has gone on its way.
      setImmediate(() => setTimeout(kill, delayMs))
    },
  }
}

async function proveKills(): Promise<void> {
  const { client } = database
  const holds = await mkdtemp(join(tmpdir(), 'snapmint-holds-'))
  const double = await createGcsDouble()
  const executioner = createExecutioner()
  const store = await openFaultyStore({ endpoint: double.endpoint, ...executioner })
  let doneWithoutObject = 0
  const followed = followJobs(client, collection, (job) => {
    if (!double.objects.has(pathOf(job))) doneWithoutObject += 1
  })
  const options = {
    jobs: { collection, unit: 'milliseconds', fields, maxAttempts: 1_000 },
    sink: { apiEndpoint: store.endpoint },
    holds,
    everyMs: 25,
    tuning: { put: { initialDelayMs: 10, maxDelayMs: 100, maxAttempts: 1_000 } },
  } as const
  const start = () => startHostProcess(database, options, executioner.onSettled)
  const filing = keepFiling(client)
  const unsettled: Record<Moment, number> = { anywhen: 0, 'before-put': 0, stored: 0, told: 0 }
  for (let number = 0; number < killCount; number++) {
    const moment = moments[number % moments.length]!
    const host = start()
    executioner.plan(moment, host.kill)
    expect(await host.ended, host.complaints()).toBe('SIGKILL')
    const proof = prove(await readJobs(client, collection), double.objects)
    expect(proof, `after kill ${number}, ${moment}`).toMatchObject({
      failed: 0,
      wrongTime: 0,
      wrongOffset: 0,
      withoutObject: 0,
      differentBytes: 0,
    })
    // Stored, and no document says so: what a host that forgets would leave behind.
    if (proof.orphans > 0) unsettled[moment] += 1
  }
  const last = start()
  const filed = await filing.stop()
  await expect.poll(() => countWaiting(client, collection), { timeout: 120_000, interval: 100 }).toBe(0)
  await expect.poll(() => followed.counts().fulfilled, { timeout: 120_000, interval: 100 }).toBe(filed)
  expect(await last.stop(), last.complaints()).toBe('0')
  followed.stop()
  console.log(
    `kills: ${filed} jobs, ${double.objects.size} objects, ${store.counts().puts} puts; kills between put and settle:`,
    unsettled,
  )
  expect(followed.counts()).toEqual({ fulfilled: filed, fulfilledAgain: 0 })
  expect(doneWithoutObject).toBe(0)
  expect(prove(await readJobs(client, collection), double.objects)).toEqual(allDone(filed, double.objects.size))
  expect(unsettled.stored).toBe(Math.floor(killCount / moments.length))
  await store.close()
  await double.close()
  await rm(holds, { recursive: true })
}

it(`does every job once and leaves no orphan when its process is killed at fifty moments (${database.name})`, proveKills, 300_000)
