import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jobSourceConformance } from '@snapmint/conformance'
import type { Firestore } from 'firebase-admin/firestore'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type FirestoreJobsOptions, firestoreJobs } from '../src/index.js'
import { type Emulator, findEmulator, startEmulator } from './fixtures/emulator.js'
import { isSameJob, makeJob, openJobHarness } from './fixtures/job-harness.js'
import { startHost } from './fixtures/pipeline-host.js'
import { openProxy } from './fixtures/proxy.js'

const jar = findEmulator()
const emulator = jar === undefined ? undefined : await startEmulator(jar)
if (emulator === undefined) console.log('! Firestore emulator (Google Cloud SDK, Java): not found; its tests are left out')

afterAll(() => emulator?.close())

it('finds the emulator beside gcloud, and does without where there is none', () => {
  const root = mkdtempSync(join(tmpdir(), 'snapmint-gcloud-'))
  const found = join(root, 'platform', 'cloud-firestore-emulator', 'cloud-firestore-emulator.jar')
  mkdirSync(join(root, 'bin'))
  mkdirSync(join(found, '..'), { recursive: true })
  for (const file of [join(root, 'bin', 'gcloud'), join(root, 'bin', 'java'), found]) writeFileSync(file, '')
  chmodSync(join(root, 'bin', 'gcloud'), 0o755)
  expect(findEmulator({ PATH: join(root, 'bin') })).toBe(found)
  expect(findEmulator({ PATH: root })).toBeUndefined()
  rmSync(root, { recursive: true })
})

function registerTests(server: Emulator, firestore: Firestore): void {
  afterEach(() => server.wipe())

  for (const leases of [false, true]) {
    jobSourceConformance({
      describe,
      it,
      name: `firestore jobs, on the emulator, ${leases ? 'with a lease field' : 'single-host'}`,
      makeJob,
      isSameJob,
      capabilities: { extend: true, watch: true, durable: true },
      leaseMs: 1_500,
      timeoutMs: 25_000,
      manyJobs: 500,
      create: () => openJobHarness({ firestore, leases }),
    })
  }

  const patience = { timeout: 60_000, interval: 250 }

  /** In few commits: the emulator carries out single ones slowly while hosts listen, and cancels some when another client ends. */
  async function createAll(collection: string, jobs: readonly (readonly [name: string, dateCreated: number])[]): Promise<void> {
    for (let start = 0; start < jobs.length; start += 100) {
      const batch = firestore.batch()
      for (const [name, dateCreated] of jobs.slice(start, start + 100))
        batch.create(firestore.collection(collection).doc(name), { mediaTimestamp: null, dateCreated })
      await batch.commit()
    }
  }

  function file(collection: string, count: number): Promise<void> {
    const targetTime = Date.now()
    return createAll(
      collection,
      Array.from({ length: count }, (_item, index) => [`job-${index}`, targetTime - index]),
    )
  }

  async function countDone(collection: string): Promise<number> {
    const { docs } = await firestore.collection(collection).get()
    return docs.filter((document) => document.get('mediaTimestamp') > 1e12).length
  }

  // What a listener misses on a busy machine is swept up within the patience.
  const open = (collection: string, more: Omit<FirestoreJobsOptions, 'mapping'> = {}) =>
    firestoreJobs({ collection, firestore: server.client(), unit: 'milliseconds', sweepMs: 5_000, ...more })

  it('closes the connection of its own client', async () => {
    const proxy = await openProxy(server.host)
    process.env.FIRESTORE_EMULATOR_HOST = proxy.host
    const jobs = firestoreJobs({ projectId: 'demo-snapmint', collection: 'closed' })
    try {
      expect(await jobs.claim({ max: 1, leaseMs: 30_000, signal: new AbortController().signal })).toEqual([])
      expect(proxy.connections.size).toBeGreaterThan(0)
      await jobs.close?.()
      await expect.poll(() => proxy.connections.size, patience).toBe(0)
    } finally {
      delete process.env.FIRESTORE_EMULATOR_HOST
      proxy.close()
    }
  })

  describe('firestore jobs, in pipelines on the emulator', () => {
    it('delivers each job by one of two hosts, and by no other', async () => {
      const hosts = [
        await startHost(open('shared', { leaseField: 'lease' })),
        await startHost(open('shared', { leaseField: 'lease' })),
      ]
      await file('shared', 400)
      await expect.poll(() => countDone('shared'), patience).toBe(400)
      for (const { pipeline } of hosts) await pipeline.stop()
      const settled = hosts.flatMap((host) => host.settled)
      expect(settled).toHaveLength(400)
      expect(new Set(settled).size).toBe(400)
    }, 90_000)

    it('takes over the jobs of a host that was killed when their leases end', async () => {
      await file('orphaned', 20)
      const leaseMs = 3_000
      const dead = open('orphaned', { leaseField: 'lease' })
      const taken = await dead.claim({ max: 20, leaseMs, signal: new AbortController().signal })
      expect(taken).toHaveLength(20)
      const host = await startHost(open('orphaned', { leaseField: 'lease' }), leaseMs)
      await expect.poll(() => countDone('orphaned'), patience).toBe(20)
      await host.pipeline.stop()
      expect(host.settled).toHaveLength(20)
    }, 90_000)

    it('loses and repeats nothing while the server is unreachable for ten seconds', async () => {
      const host = await startHost(open('paused', { leaseField: 'lease', timeoutMs: 2_000 }))
      await file('paused', 10)
      await expect.poll(() => host.settled.length, patience).toBe(10)
      server.pause()
      const filed = firestore.collection('paused').doc('during').set({ mediaTimestamp: null, dateCreated: Date.now() })
      await sleep(10_000)
      server.resume()
      await filed
      await createAll(
        'paused',
        Array.from({ length: 30 }, (_item, index) => [`after-${index}`, Date.now()]),
      )
      await expect.poll(() => countDone('paused'), patience).toBe(41)
      await host.pipeline.stop()
      expect(new Set(host.settled).size).toBe(41)
      expect(host.settled).toHaveLength(41)
    }, 120_000)
  })
}

if (emulator !== undefined) registerTests(emulator, emulator.client())
