import { execFileSync } from 'node:child_process'
import { linkSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createOwner } from '../../../src/util/process-owner.js'
import { claim, claimOne, done, failed, retry, settle } from '../outcomes.js'
import { cleanUpAfterEach } from '../temporary-folder.js'
import { createQueue, job } from './queue-folder.js'

cleanUpAfterEach()

const { signal } = new AbortController()

/** A process of this machine that has ended. */
function deadOwner(): string {
  const pid = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim()
  return createOwner().name.replace(/^([^.]*)\.\d+\./, `$1.${pid}.`)
}

const living = () => createOwner().name
const onAnotherMachine = () => living().replace(/^[^.]*/, '00000000')

/** What a process leaves in `claimed` for the job `a`, whose lease ends in a minute. */
function leave(queue: ReturnType<typeof createQueue>, owner: string, suffixes: readonly string[]): string {
  const base = `a~c1~${Date.now() + 60_000}~${owner}~1`
  for (const suffix of suffixes) {
    const content = suffix === 'json' || suffix === 'settled' ? job : { job, receipt: 'the receipt', attempts: 1 }
    writeFileSync(join(queue.directory, 'claimed', `${base}.${suffix}`), JSON.stringify(content))
  }
  return base
}

async function emptyQueue() {
  const queue = createQueue()
  await claim(queue.jobs)
  queue.time.ahead += 1_001
  return queue
}

describe('directoryJobs, leases', () => {
  it('keeps a job while its lease is renewed, and hands it out again when it has ended', async () => {
    const { jobs, open, drop, time } = createQueue()
    const other = open()
    drop('a.json')
    const first = await claimOne(jobs, 10_000)
    time.ahead += 8_000
    expect(await jobs.extend?.([first.token, 'unknown'], 10_000, { signal })).toEqual(['unknown'])
    time.ahead += 8_000
    expect(await claim(other)).toEqual([])
    time.ahead += 3_000
    const second = await claimOne(other)
    expect(second).toMatchObject({ id: 'a', attempt: 2 })
    expect(await jobs.extend?.([first.token], 10_000, { signal })).toEqual([first.token])
  })

  it('ignores whatever a stale token asks for', async () => {
    const { jobs, open, drop, time, list } = createQueue()
    const other = open()
    for (const name of ['a.json', 'b.json', 'c.json']) drop(name)
    const [a, b, c] = await claim(jobs, 9, 1_000)
    time.ahead += 1_001
    const again = await claim(other)
    expect(again).toHaveLength(3)
    await settle(jobs, done(a!), failed(b!), retry(c!))
    expect([list('new'), list('done'), list('failed')]).toEqual([[], [], []])
    await settle(other, ...again.map(done))
    await settle(other, ...again.map(failed))
    expect(list('done')).toEqual(['a.json', 'b.json', 'c.json'])
    expect([list('claimed'), list('failed')]).toEqual([[], []])
  })

  it('hands out again the claims of its own instance', async () => {
    const { jobs, drop, time } = createQueue()
    drop('a.json')
    const first = await claimOne(jobs, 1_000)
    time.ahead += 1_001
    const second = await claimOne(jobs, 1_000)
    expect(second.attempt).toBe(2)
    expect(second.token).not.toBe(first.token)
    expect(await jobs.extend?.([first.token, second.token], 1_000, { signal })).toEqual([first.token])
  })

  it('loses nothing when claims are extended and settled at the same time', async () => {
    const { jobs, drop, list } = createQueue()
    for (let index = 0; index < 200; index++) drop(`${index}.json`)
    const claims = await claim(jobs, 200)
    const tokens = claims.map(({ token }) => token)
    await Promise.all([
      jobs.extend?.(tokens, 90_000, { signal }),
      settle(jobs, ...claims.slice(0, 100).map(done)),
      jobs.extend?.(tokens, 95_000, { signal }),
      settle(jobs, ...claims.slice(100).map((item) => retry(item, { untried: true }))),
    ])
    expect([list('done').length, list('new').length, list('claimed').length]).toEqual([100, 100, 0])
  })
})

describe('directoryJobs, after a crash', () => {
  it.each([
    ['hands out at once the claims of a process that ended', deadOwner, true],
    ['leaves the claims of a living process alone until their lease ends', living, false],
    ['leaves the claims of another machine alone until their lease ends', onAnotherMachine, false],
  ])('%s', async (_title, owner, atOnce) => {
    const queue = await emptyQueue()
    leave(queue, owner(), ['json'])
    if (!atOnce) {
      expect(await claim(queue.jobs)).toEqual([])
      queue.time.ahead += 61_000
    }
    expect(await claim(queue.jobs)).toMatchObject([{ id: 'a', attempt: 2, job }])
  })

  it('takes a process with the same pid that began at another time for ended', async () => {
    const queue = await emptyQueue()
    leave(queue, living().replace(/^([^.]*)\.(\d+)\.\d+\./, '$1.$2.1.'), ['json'])
    expect(await claim(queue.jobs)).toHaveLength(process.platform === 'linux' ? 1 : 0)
  })

  it('does a job again whose outcome was written but not in force', async () => {
    const queue = await emptyQueue()
    leave(queue, deadOwner(), ['json', 'done'])
    const again = await claimOne(queue.jobs)
    expect(again).toMatchObject({ id: 'a', attempt: 2 })
    await settle(queue.jobs, done(again))
    expect([queue.list('claimed'), queue.list('done')]).toEqual([[], ['a.json']])
    expect(queue.read('done', 'a.json').attempts).toBe(2)
  })

  it.each(['done', 'failed'])('moves an outcome that is in force to %s, and does not do the job again', async (outcome) => {
    const queue = await emptyQueue()
    leave(queue, deadOwner(), ['settled', outcome])
    expect(await claim(queue.jobs)).toEqual([])
    expect([queue.list('claimed'), queue.list('new'), queue.list(outcome)]).toEqual([[], [], ['a.json']])
    expect(queue.read(outcome, 'a.json').receipt).toBe('the receipt')
  })

  it('notices that the outcome was moved already', async () => {
    const queue = await emptyQueue()
    const base = leave(queue, deadOwner(), ['settled', 'done'])
    linkSync(join(queue.directory, 'claimed', `${base}.done`), join(queue.directory, 'done/a.json'))
    await claim(queue.jobs)
    expect([queue.list('claimed'), queue.list('done')]).toEqual([[], ['a.json']])
  })

  it('removes what is left when the outcome was moved', async () => {
    const queue = await emptyQueue()
    leave(queue, deadOwner(), ['settled'])
    await claim(queue.jobs)
    expect([queue.list('claimed'), queue.list('new'), queue.list('done')]).toEqual([[], [], []])
  })

  it('removes an outcome whose claim was lost', async () => {
    const queue = await emptyQueue()
    leave(queue, deadOwner(), ['done'])
    await claim(queue.jobs)
    expect([queue.list('claimed'), queue.list('done')]).toEqual([[], []])
  })

  it('keeps a file that was never read when it finishes its failure', async () => {
    const queue = await emptyQueue()
    const base = leave(queue, deadOwner(), ['failed'])
    renameSync(join(queue.directory, 'done'), join(queue.directory, 'claimed', `${base}.settled`))
    await claim(queue.jobs)
    expect(queue.list('failed')).toEqual(['a.json', `${base}.original`])
  })

  it('fails a job that crashes every process that has it', async () => {
    const queue = createQueue({ maxAttempts: 3 })
    queue.drop('a.json')
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { id, attempt: counted } = await claimOne(queue.jobs, 1_000)
      expect([id, counted]).toEqual(['a', attempt])
      queue.time.ahead += 1_001
    }
    expect(await claim(queue.jobs)).toEqual([])
    expect(queue.read('failed', 'a.json')).toMatchObject({ job, attempts: 3, error: { code: 'SNAPMINT_JOB_ATTEMPTS_EXHAUSTED' } })
  })

  it('leaves files in claimed that are none of its own', async () => {
    const queue = await emptyQueue()
    writeFileSync(join(queue.directory, 'claimed/notes.json'), '{}')
    await claim(queue.jobs)
    expect(queue.list('claimed')).toEqual(['notes.json'])
  })
})
