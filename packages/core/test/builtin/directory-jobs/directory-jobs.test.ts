import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { directoryJobs } from '../../../src/builtin/directory-jobs.js'
import { type FileSystem, systemFiles } from '../../../src/util/durable-files.js'
import { claim, claimOne, done, failed, receipt, retry, settle } from '../outcomes.js'
import { cleanUpAfterEach, systemError, temporaryFolder, withFiles } from '../temporary-folder.js'
import { createQueue, job } from './queue-folder.js'

cleanUpAfterEach()

describe('directoryJobs', () => {
  it('takes a JSON file in new/ for a job, with whatever else it holds', async () => {
    const { jobs, drop, list } = createQueue()
    drop('portrait.json', { ...job, source: 'easel', token: 'abc', nested: { list: [1] } })
    const claimed = await claimOne(jobs)
    expect(claimed).toMatchObject({ id: 'portrait', attempt: 1 })
    expect(claimed.job).toEqual({ ...job, source: 'easel', token: 'abc', nested: { list: [1] } })
    expect(list('new')).toEqual([])
    expect(list('claimed')).toHaveLength(1)
    expect(await claim(jobs)).toEqual([])
  })

  it('moves a job to done with its receipt, or to failed with its error', async () => {
    const { jobs, drop, list, read } = createQueue({ fsync: true })
    drop('a.json', { ...job, note: 'mine' })
    drop('b.json')
    const [a, b] = await claim(jobs)
    await settle(jobs, done(a!), failed(b!))
    expect([list('new'), list('claimed'), list('done'), list('failed')]).toEqual([[], [], ['a.json'], ['b.json']])
    expect(read('done', 'a.json')).toEqual({ job: { ...job, note: 'mine' }, receipt, attempts: 1, settledAt: expect.any(Number) })
    expect(read('failed', 'b.json')).toMatchObject({
      job,
      error: { code: 'SNAPMINT_SINK_FAILED', message: 'The sink is gone' },
      attempts: 1,
    })
  })

  it('hands out by name, and ignores hidden files and other extensions', async () => {
    const { jobs, drop, list } = createQueue()
    for (const name of ['c.json', 'a.json', '.hidden.json', 'b.json', 'd.json.tmp', '.json', 'readme']) drop(name)
    expect((await claim(jobs, 2)).map(({ id }) => id)).toEqual(['a', 'b'])
    expect((await claim(jobs, 9)).map(({ id }) => id)).toEqual(['c'])
    expect(list('new')).toEqual(['.hidden.json', '.json', 'd.json.tmp', 'readme'])
  })

  it('hands out a job again when it was handed back, after its delay, with the next attempt', async () => {
    const { jobs, drop, time } = createQueue()
    drop('a.json')
    await settle(jobs, retry(await claimOne(jobs), { retryAfterMs: 60_000 }))
    expect(await claim(jobs)).toEqual([])
    time.ahead += 60_001
    const second = await claimOne(jobs)
    expect(second).toMatchObject({ id: 'a', attempt: 2, job })
    await settle(jobs, retry(second, { untried: true }))
    expect(await claimOne(jobs)).toMatchObject({ id: 'a', attempt: 2 })
  })

  it('fails a job after its last attempt, and says what the last error was', async () => {
    const { jobs, drop, read } = createQueue({ maxAttempts: 2 })
    drop('a.json')
    await settle(jobs, retry(await claimOne(jobs)))
    await settle(jobs, retry(await claimOne(jobs)))
    expect(read('failed', 'a.json')).toMatchObject({
      job,
      attempts: 2,
      error: { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED', message: expect.stringContaining('The sink did not answer') },
    })
  })

  it('never replaces what is in done', async () => {
    const { jobs, drop, list, read } = createQueue()
    for (const note of ['first', 'second', 'third']) {
      drop('a.json', { ...job, note })
      await settle(jobs, done(await claimOne(jobs)))
    }
    expect(list('done')).toEqual(['a.2.json', 'a.3.json', 'a.json'])
    expect(read('done', 'a.2.json').job.note).toBe('second')
  })

  it('hands out two jobs of one name one after the other', async () => {
    const { jobs, drop, list } = createQueue()
    drop('a.json')
    const first = await claimOne(jobs)
    drop('a.json')
    expect(await claim(jobs)).toEqual([])
    await settle(jobs, retry(first))
    drop('b.json')
    const [again, b] = await claim(jobs, 1).then(async (one) => [...one, ...(await claim(jobs))])
    expect([again?.id, b?.id]).toEqual(['a', 'b'])
    await settle(jobs, done(again!), done(b!))
    await settle(jobs, done(await claimOne(jobs)))
    expect(list('done')).toEqual(['a.2.json', 'a.json', 'b.json'])
  })

  it('loses no job to an aborted claim', async () => {
    const reason = new Error('stop')
    const stop = new AbortController()
    const files = withFiles({
      rename: async (from, to) => {
        await systemFiles.rename(from, to)
        stop.abort(reason)
      },
    })
    const { jobs, drop, list, open } = createQueue()
    for (const name of ['a.json', 'b.json', 'c.json']) drop(name)
    await expect(jobs.claim({ max: 9, leaseMs: 1_000, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(open({ files }).claim({ max: 9, leaseMs: 60_000, signal: stop.signal })).rejects.toBe(reason)
    expect(list('claimed')).toEqual([])
    expect((await claim(jobs)).map(({ id, attempt }) => `${id}${attempt}`)).toEqual(['a1', 'b1', 'c1'])
  })

  it('hands back on close what is not settled', async () => {
    const { jobs, drop, open } = createQueue()
    drop('a.json')
    await claimOne(jobs)
    await jobs.close?.()
    expect(await claimOne(open())).toMatchObject({ id: 'a', attempt: 2 })
  })

  it('looks at a folder of thousands of files once, not for every batch', async () => {
    let looks = 0
    const readdir = ((folder: string) => {
      if (folder.endsWith('new')) looks += 1
      return systemFiles.readdir(folder)
    }) as FileSystem['readdir']
    const { jobs, drop } = createQueue({ files: withFiles({ readdir }) })
    for (let index = 0; index < 2_000; index++) drop(`job-${index}.json`)
    const ids = new Set<string>()
    for (let batch = 0; batch < 20; batch++) {
      const claims = await claim(jobs, 100)
      for (const { id } of claims) ids.add(id)
      await settle(jobs, ...claims.map(done))
    }
    expect(ids.size).toBe(2_000)
    expect(looks).toBe(1)
    expect(await jobs.counts()).toEqual({ waiting: 0, claimed: 0, done: 2_000, failed: 0 })
  })

  it('counts the jobs in each folder, and none before there are folders', async () => {
    const directory = join(temporaryFolder(), 'later')
    expect(await directoryJobs({ directory }).counts()).toEqual({ waiting: 0, claimed: 0, done: 0, failed: 0 })
    const { jobs, drop } = createQueue()
    for (const name of ['a.json', 'b.json', 'c.json', 'd.json']) drop(name)
    const [a, b] = await claim(jobs, 3)
    await settle(jobs, done(a!), failed(b!))
    expect(await jobs.counts()).toEqual({ waiting: 1, claimed: 1, done: 1, failed: 1 })
  })

  it('refuses options it cannot use', () => {
    expect(() => directoryJobs({ directory: '' })).toThrow(TypeError)
    expect(() => directoryJobs({ directory: 'x', maxAttempts: 0 })).toThrow(RangeError)
    expect(() => directoryJobs({ directory: 'x', writeGraceMs: -1 })).toThrow(RangeError)
    expect(() => directoryJobs({ directory: 'x', fsync: 1 } as never)).toThrow(TypeError)
    expect(() => directoryJobs({ directory: 'x', path: 'y' } as never)).toThrow('Unknown option `path`')
  })
})

describe('directoryJobs, given a file that is no job', () => {
  it.each([
    [{}, '`targetTime`, the moment that the picture is to show, is missing'],
    [{ targetTime: null }, '`targetTime` is null'],
    [{ targetTime: -5 }, '`targetTime` is the number -5'],
    [{ targetTime: true }, '`targetTime` is true'],
    [{ targetTime: [1] }, '`targetTime` is a list'],
    ['{ "targetTime": 1e999 }', 'too large to be a time'],
    [{ targetTime: 1e300 }, '`targetTime` is the number 1e+300'],
    [{ targetTime: '2025-11-21T01:20:00Z' }, 'write the number 1763688000000, without quotes'],
    [{ targetTime: '1763688000000' }, 'write the number 1763688000000, without quotes'],
    [{ targetTime: 'soon' }, 'write milliseconds since 1970 as a number'],
    [{ ...job, source: 7 }, '`source` is the number 7'],
    [{ ...job, source: '' }, '`source` is the text ""'],
  ])('fails %j at once and says what to write', async (content, reason) => {
    const { jobs, drop, list, read } = createQueue()
    drop('a.json', content)
    expect(await claim(jobs)).toEqual([])
    expect(list('new')).toEqual([])
    const record = read('failed', 'a.json')
    expect(record.error).toMatchObject({ code: 'SNAPMINT_JOB_INVALID', message: expect.stringContaining(reason) })
    if (typeof content === 'object') expect(record.job).toEqual(content)
  })

  it.each([
    ['', 'The file is empty'],
    ['  \n', 'The file is empty'],
    ['{ "targetTime": 17', 'not valid JSON'],
    ['{ "targetTime": NaN }', 'not valid JSON'],
    ['\u0000\u0001\u0002', 'not valid JSON'],
    ['[1, 2]', 'The file holds a list'],
    ['1763688000000', 'The file holds the number 1763688000000'],
    ['null', 'The file holds null'],
  ])('leaves %j alone while it may be unfinished, then fails it with its text', async (content, reason) => {
    const { jobs, drop, list, read, time } = createQueue()
    drop('a.json', content)
    expect(await claim(jobs)).toEqual([])
    expect(list('new')).toEqual(['a.json'])
    time.ahead += 2_500
    expect(await claim(jobs)).toEqual([])
    expect([list('new'), list('claimed')]).toEqual([[], []])
    const record = read('failed', 'a.json')
    expect(record.error).toMatchObject({ code: 'SNAPMINT_JOB_MALFORMED', message: expect.stringContaining(reason) })
    expect(record.text ?? JSON.stringify(record.job)).toBe(content.startsWith('[') ? '[1,2]' : content)
  })

  it('hands out a file once its slow writer has finished it', async () => {
    const { jobs, directory, drop, time } = createQueue()
    drop('a.json', '{ "targetTime":')
    expect(await claim(jobs)).toEqual([])
    appendFileSync(join(directory, 'new/a.json'), ' 1763688000000 }')
    time.ahead += 2_500
    expect(await claimOne(jobs)).toMatchObject({ id: 'a', job })
  })

  it.each([
    ['utf-8 with a byte order mark', Buffer.from('\ufeff{ "targetTime": 1763688000000 }')],
    ['utf-16le', Buffer.from('\ufeff{ "targetTime": 1763688000000 }', 'utf16le')],
  ])('reads %s', async (_encoding, bytes) => {
    const { jobs, directory } = createQueue()
    writeFileSync(join(directory, 'new/a.json'), bytes)
    expect((await claimOne(jobs)).job).toEqual(job)
  })

  it('fails what is not a readable file, keeps it, and goes on with the others', async () => {
    const { jobs, directory, drop, list, read } = createQueue()
    const at = (name: string) => join(directory, 'new', name)
    mkdirSync(join(at('folder.json'), 'inner'), { recursive: true })
    writeFileSync(join(directory, 'secret'), '{ "targetTime": 1 }')
    symlinkSync(join(directory, 'secret'), at('link.json'))
    symlinkSync('nowhere', at('dangling.json'))
    execFileSync('sh', ['-c', 'mkfifo "$0"', at('pipe.json')])
    drop('large.json', JSON.stringify({ ...job, text: 'x'.repeat(2 ** 20) }))
    drop('ok.json')
    expect((await claim(jobs)).map(({ id }) => id)).toEqual(['ok'])
    expect(list('failed').filter((name) => name.endsWith('.json'))).toEqual([
      'dangling.json',
      'folder.json',
      'large.json',
      'link.json',
      'pipe.json',
    ])
    for (const [name, reason] of [
      ['folder', 'a folder'],
      ['link', 'symbolic link'],
      ['pipe', 'no ordinary file'],
      ['large', 'at most 1048576'],
    ] as const) {
      const { error, original } = read('failed', `${name}.json`)
      expect(error).toMatchObject({ code: 'SNAPMINT_JOB_MALFORMED', message: expect.stringContaining(reason) })
      expect(list('failed')).toContain(original)
    }
    expect(list('new')).toEqual([])
    expect(list('claimed')).toHaveLength(1)
  })

  it('takes a file whose name is no UTF-8, under a name that is', async () => {
    const { jobs, directory, drop, list } = createQueue()
    drop('\uFFFD genuine.json')
    // Other systems refuse such names.
    const names = process.platform === 'linux' ? [Buffer.from([0x61, 0xff, 0x62]), Buffer.from([0x61, 0xfe, 0x62])] : []
    const path = (name: Buffer) => Buffer.concat([Buffer.from(`${directory}/new/`), name, Buffer.from('.json')])
    for (const name of names) writeFileSync(path(name), JSON.stringify(job))
    const claims = await claim(jobs)
    expect(claims.map(({ id }) => id)).toEqual([...names.map(() => expect.stringMatching(/^a_b-[0-9a-f]{8}$/)), '\uFFFD genuine'])
    await settle(jobs, ...claims.map(done))
    expect([list('new'), list('done').length]).toEqual([[], claims.length])
  })

  it('fails a file whose name is too long, under a shorter one', async () => {
    const { jobs, drop, list, read } = createQueue()
    drop(`${'x'.repeat(240)}.json`)
    drop(`${'ü'.repeat(100)}.json`)
    expect(await claim(jobs)).toEqual([])
    expect(list('failed')).toHaveLength(2)
    for (const name of list('failed')) expect(read('failed', name).error.message).toContain('longer than 150 bytes')
  })

  it.each([
    '-rf',
    '~',
    'a~b',
    'x~a1',
    'späť 画 😀',
    'it\'s; $(x) `y` "z"',
    'a.b.c',
    '..a',
    '%2e',
    'a\nb',
    'CON',
    'x'.repeat(150),
    ' ',
  ])('takes the name %j as it is', async (id) => {
    const { jobs, drop, list } = createQueue()
    drop(`${id}.json`)
    if (id.startsWith('.')) {
      expect(await claim(jobs)).toEqual([])
      return
    }
    await settle(jobs, retry(await claimOne(jobs)))
    const again = await claimOne(jobs)
    expect(again).toMatchObject({ id, attempt: 2 })
    await settle(jobs, done(again))
    expect(list('done')).toEqual([`${id}.json`])
  })
})

describe('directoryJobs in a folder that cannot be used', () => {
  it('says what is in the way', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'jobs'), '')
    const expected = {
      code: 'SNAPMINT_DIRECTORY_UNUSABLE',
      retryable: false,
      message: expect.stringContaining(join(folder, 'jobs')),
    }
    await expect(claim(directoryJobs({ directory: join(folder, 'jobs') }))).rejects.toMatchObject(expected)
    mkdirSync(join(folder, 'other'))
    writeFileSync(join(folder, 'other/done'), '')
    const inOther = { ...expected, message: expect.stringContaining(join(folder, 'other/done')) }
    await expect(claim(directoryJobs({ directory: join(folder, 'other') }))).rejects.toMatchObject(inOther)
  })

  it.each([
    ['EACCES', 'SNAPMINT_DIRECTORY_UNUSABLE', false],
    ['EROFS', 'SNAPMINT_DIRECTORY_UNUSABLE', false],
    ['ENOSPC', 'SNAPMINT_JOBS_UNAVAILABLE', true],
    ['EIO', 'SNAPMINT_JOBS_UNAVAILABLE', true],
  ])('reports %s as %s', async (number, code, retryable) => {
    const { jobs } = createQueue({
      files: withFiles({ mkdir: (() => Promise.reject(systemError(number))) as FileSystem['mkdir'] }),
    })
    await expect(claim(jobs)).rejects.toMatchObject({ code, retryable })
  })

  it('hands out the other jobs when one file cannot be moved', async () => {
    const rename: FileSystem['rename'] = async (from, to) => {
      if (String(from).includes('stuck')) throw systemError('EPERM')
      await systemFiles.rename(from, to)
    }
    const { jobs, drop } = createQueue({ files: withFiles({ rename }) })
    drop('stuck.json')
    await expect(claim(jobs)).rejects.toMatchObject({ code: 'SNAPMINT_DIRECTORY_UNUSABLE' })
    drop('a.json')
    expect((await claim(jobs)).map(({ id }) => id)).toEqual(['a'])
  })

  it('keeps a claim whose outcome finds the disk full, and records it when asked again', async () => {
    let isFull = true
    const open = (async (...args: Parameters<FileSystem['open']>) => {
      if (isFull && args[1] === 'wx') throw systemError('ENOSPC')
      return await systemFiles.open(...args)
    }) as FileSystem['open']
    const { jobs, drop, list } = createQueue({ files: withFiles({ open }) })
    drop('a.json')
    drop('b.json')
    const [a, b] = await claim(jobs)
    await expect(settle(jobs, done(a!), retry(b!))).rejects.toMatchObject({ code: 'SNAPMINT_JOBS_UNAVAILABLE', retryable: true })
    expect(list('done')).toEqual([])
    isFull = false
    await settle(jobs, done(a!), retry(b!))
    expect(list('done')).toEqual(['a.json'])
    expect(await claimOne(jobs)).toMatchObject({ id: 'b', attempt: 2 })
  })

  it('goes on when its folders are removed under it', async () => {
    const { jobs, directory, drop, list } = createQueue()
    drop('a.json')
    const lost = await claimOne(jobs)
    rmSync(directory, { recursive: true })
    expect(await jobs.extend?.([lost.token], 1_000, { signal: new AbortController().signal })).toEqual([lost.token])
    expect(await claim(jobs)).toEqual([])
    drop('b.json')
    await settle(jobs, done(lost), done(await claimOne(jobs)))
    expect(list('done')).toEqual(['b.json'])
  })
})
