import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { directoryJobs } from '../../../src/builtin/directory-jobs.js'
import { receipt } from '../outcomes.js'

/*
 * A process that drains a queue: claims, "delivers" each job by writing it into a log, and settles. Every tenth job is handed back once in a while.
 * Arguments: the queue's folder, the log. Ends when nothing waits and nothing is claimed.
 */
const [directory = '', log = ''] = process.argv.slice(2)
const jobs = directoryJobs({ directory, fsync: false, maxAttempts: 1_000 })
const { signal } = new AbortController()

process.send?.('ready')
for (;;) {
  const max = 1 + Math.floor(Math.random() * 10)
  const claims = await jobs.claim({ max, leaseMs: 3_600_000, signal })
  for (const { id } of claims) appendFileSync(log, `delivered ${id}\n`)
  if (claims.length > 1) await jobs.extend?.([claims[0]?.token ?? ''], 3_600_000, { signal })
  const outcomes = claims.map(({ id, token }) =>
    Math.random() < 0.1
      ? { status: 'retry' as const, id, token, error: { code: 'SNAPMINT_SINK_FAILED', message: 'a made-up failure' } }
      : { status: 'done' as const, id, token, receipt },
  )
  for (const { id, status } of outcomes) if (status === 'retry') appendFileSync(log, `returned ${id}\n`)
  await jobs.settle(outcomes, { signal })
  for (const { id, status } of outcomes) if (status === 'done') appendFileSync(log, `settled ${id}\n`)
  if (claims.length > 0) continue
  const { waiting, claimed } = await jobs.counts()
  if (waiting === 0 && claimed === 0) break
  await sleep(5)
}
await jobs.close?.()
process.disconnect?.()
