import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { claim, claimOne, retry, settle } from '../outcomes.js'
import { cleanUpAfterEach } from '../temporary-folder.js'
import { createQueue, job } from './queue-folder.js'

cleanUpAfterEach()

const patience = { timeout: 15_000, interval: 10 }

function startWatch({ jobs }: ReturnType<typeof createQueue>) {
  const stop = new AbortController()
  const onAvailable = vi.fn()
  const watching = jobs.watch?.(onAvailable, { signal: stop.signal })
  return {
    onAvailable,
    async end() {
      stop.abort()
      await watching
    },
  }
}

describe('directoryJobs, watched', () => {
  it('wakes when a file is renamed into new', async () => {
    const queue = createQueue()
    const { onAvailable, end } = startWatch(queue)
    await vi.waitFor(() => expect(onAvailable).toHaveBeenCalled(), patience)
    onAvailable.mockClear()
    writeFileSync(join(queue.directory, 'a.tmp'), JSON.stringify(job))
    renameSync(join(queue.directory, 'a.tmp'), join(queue.directory, 'new/a.json'))
    await vi.waitFor(() => expect(onAvailable).toHaveBeenCalled(), patience)
    await end()
  })

  it('hears of jobs after the folder was removed and made again', async () => {
    const queue = createQueue()
    const { onAvailable, end } = startWatch(queue)
    await vi.waitFor(() => expect(onAvailable).toHaveBeenCalled(), patience)
    rmSync(queue.directory, { recursive: true })
    mkdirSync(join(queue.directory, 'new'), { recursive: true })
    onAvailable.mockClear()
    await vi.waitFor(() => expect(onAvailable).toHaveBeenCalled(), patience)
    onAvailable.mockClear()
    queue.drop('a.json')
    await vi.waitFor(() => expect(onAvailable).toHaveBeenCalled(), patience)
    expect(await claim(queue.jobs)).toHaveLength(1)
    await end()
  })

  it('wakes when a job that was handed back is due', async () => {
    const queue = createQueue()
    queue.drop('a.json')
    const held = await claimOne(queue.jobs)
    const { onAvailable, end } = startWatch(queue)
    await settle(queue.jobs, retry(held, { retryAfterMs: 400 }))
    await vi.waitFor(async () => {
      expect(onAvailable).toHaveBeenCalled()
      onAvailable.mockClear()
      expect(await claim(queue.jobs)).toHaveLength(1)
    }, patience)
    await end()
  })

  it('resolves at once under a signal that has aborted, and on close', async () => {
    const { jobs } = createQueue()
    await jobs.watch?.(() => {}, { signal: AbortSignal.abort() })
    const watching = jobs.watch?.(() => {}, { signal: new AbortController().signal })
    await jobs.close?.()
    await watching
  })
})
