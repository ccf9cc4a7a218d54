import { expect, it } from 'vitest'
import { cadence } from '../../src/native/cadence.js'

it('keeps the rate whatever the work takes, and leaves out what was missed', async () => {
  let time = 0
  const due: number[] = []
  const abort = new AbortController()
  const work = [0, 3, 25, 0, 0]
  for await (const _ of cadence(10, () => time, abort.signal)) {
    due.push(time)
    if (due.length > work.length) abort.abort()
    // A clock that is told to move while the real timer runs: the wait is over when it has.
    time += work[due.length - 1] ?? 0
    if (due.length <= work.length) time = Math.max(time, Math.ceil((time + 0.001) / 10) * 10)
  }
  expect(due).toEqual([0, 10, 20, 50, 60, 70])
})

it('ends at once when aborted in the midst of a long wait', async () => {
  const abort = new AbortController()
  const run = cadence(1_000_000, () => performance.now(), abort.signal)
  expect((await run.next()).done).toBe(false)
  const next = run.next()
  abort.abort()
  expect((await next).done).toBe(true)
})
