import { jobSourceConformance } from '@snapmint/conformance'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { findEmulator, startEmulator } from './fixtures/emulator.js'
import { isSameJob, makeJob, openJobHarness } from './fixtures/job-harness.js'

const jar = findEmulator()
const emulator = jar === undefined ? undefined : await startEmulator(jar)
if (emulator === undefined) console.log('! Firestore emulator (Google Cloud SDK, Java): not found; its tests are left out')

afterAll(() => emulator?.close())

it('looks for the Firestore emulator of the Google Cloud SDK', () => {
  expect(emulator === undefined).toBe(jar === undefined)
})

if (emulator !== undefined) {
  const firestore = emulator.client()
  afterEach(() => emulator.wipe())
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
}
