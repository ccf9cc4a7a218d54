import { expect, it } from 'vitest'
import { jobSourceConformance } from '../src/index.js'
import { jobsHarness, referenceJobs } from './reference/reference-jobs.js'
import { createCollectingRunner } from './runner/collecting-runner.js'

/** The rules that wait, and nothing that a busy machine could delay in between. */
const waiting = /has ended|retryAfterMs|settled done/

it('waits in real time for a source whose clock cannot be moved on', async () => {
  const runner = createCollectingRunner()
  const create = () => {
    const {
      advance: _advance,
      now: _now,
      reopen: _reopen,
      ...harness
    } = jobsHarness((store) => referenceJobs(Object.defineProperty(store, 'now', { get: () => Date.now() })))
    return harness
  }
  const capabilities = { extend: true, watch: true }
  const it = (title: string, body: () => Promise<void>) => void (waiting.test(title) && runner.it(title, body))
  jobSourceConformance({ describe: runner.describe, it, create, makeJob: String, capabilities, leaseMs: 400, timeoutMs: 20_000 })
  const results = await runner.run()
  expect(results.length).toBe(3)
  expect(results.map(({ error }) => error).filter(Boolean)).toEqual([])
}, 60_000)
