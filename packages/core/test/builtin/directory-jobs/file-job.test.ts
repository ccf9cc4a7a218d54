import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileJob } from '../../../src/builtin/directory-jobs/file-job.js'
import { claim, claimOne } from '../outcomes.js'
import { cleanUpAfterEach, temporaryFolder } from '../temporary-folder.js'
import { createQueue, job } from './queue-folder.js'

cleanUpAfterEach()

describe('fileJob', () => {
  it('files a job that is handed out under its id', async () => {
    const { jobs, directory, list } = createQueue()
    const id = await fileJob(directory, { ...job, source: 'easel', wallet: '0xAb' } as typeof job)
    expect(list('new')).toEqual([`${id}.json`])
    expect(await claimOne(jobs)).toMatchObject({ id, job: { ...job, source: 'easel', wallet: '0xAb' } })
  })

  it('makes ids of its own that sort by time', async () => {
    const { jobs, directory } = createQueue()
    const ids: string[] = []
    for (let index = 0; index < 5; index++) {
      ids.push(await fileJob(directory, job))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect((await claim(jobs)).map(({ id }) => id)).toEqual(ids)
  })

  it('refuses an id that waits already, and leaves the waiting job as it is', async () => {
    const { directory, list, read } = createQueue()
    await fileJob(directory, job, { id: 'a' })
    await expect(fileJob(directory, { targetTime: 5 }, { id: 'a' })).rejects.toMatchObject({ code: 'SNAPMINT_JOB_DUPLICATE' })
    expect(list('new')).toEqual(['a.json'])
    expect(read('new', 'a.json')).toEqual(job)
  })

  it.each(['', '.hidden', 'a/b', '../a', 'a\\b', 'a\0', 'x'.repeat(151), 'a~a1~n0~ff'])('refuses the id %j', async (id) => {
    const directory = join(temporaryFolder(), 'jobs')
    await expect(fileJob(directory, job, { id })).rejects.toThrow(TypeError)
    expect(existsSync(directory)).toBe(false)
  })

  it('refuses a job that would fail', async () => {
    const { directory, list } = createQueue()
    await expect(fileJob(directory, { targetTime: Number.NaN })).rejects.toThrow('`targetTime`')
    await expect(fileJob(directory, { targetTime: '2025-11-21' } as never)).rejects.toThrow(TypeError)
    expect(list('new')).toEqual([])
  })

  it('says so when the folder cannot be used', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'jobs'), '')
    await expect(fileJob(join(folder, 'jobs'), job)).rejects.toMatchObject({ code: 'SNAPMINT_DIRECTORY_UNUSABLE' })
  })
})
